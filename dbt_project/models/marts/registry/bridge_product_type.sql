{{ bridge_product('product_types', 'product_type') }}
