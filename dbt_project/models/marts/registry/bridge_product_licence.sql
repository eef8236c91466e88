{{ bridge_product('licences', 'licence') }}
