"""Tables as files: CSV, Parquet, XLSX and a beancount journal, each with a manifest."""
