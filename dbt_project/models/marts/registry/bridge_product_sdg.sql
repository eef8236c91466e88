{{ bridge_product('sdgs', 'sdg_number') }}
