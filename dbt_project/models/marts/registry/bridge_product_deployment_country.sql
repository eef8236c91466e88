{{ bridge_product('deployment_countries', 'deployment_country') }}
