{{ topical_trend(['implementer_concern']) }}
