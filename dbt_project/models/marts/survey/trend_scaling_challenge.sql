{{ topical_trend(['scaling', 'people']) }}
