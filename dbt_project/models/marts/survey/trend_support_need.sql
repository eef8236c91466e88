{{ topical_trend(['support_need', 'support_use']) }}
