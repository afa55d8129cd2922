module com.example.consumer {
    requires com.azure.core;
    requires io.keywrap;
    requires io.keywrap.azure.storage;
}
