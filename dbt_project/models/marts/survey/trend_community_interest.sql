{{ topical_trend(['community_interest']) }}
