{{ topical_trend(['technical', 'legal']) }}
