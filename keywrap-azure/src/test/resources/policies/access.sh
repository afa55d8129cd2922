az keyvault set-policy --name acme --object-id aaaaaaaa-0000-4000-8000-000000000000 --key-permissions wrapKey
az keyvault set-policy --name acme --object-id aaaaaaaa-0000-4000-8000-000000000001 --key-permissions unwrapKey
az keyvault set-policy --name acme --object-id aaaaaaaa-0000-4000-8000-000000000002 --key-permissions wrapKey unwrapKey get
az keyvault set-policy --name acme --object-id aaaaaaaa-0000-4000-8000-000000000003 --key-permissions unwrapKey get
