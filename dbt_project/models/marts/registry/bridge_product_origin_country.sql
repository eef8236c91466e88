{{ bridge_product('origin_countries', 'origin_country') }}
