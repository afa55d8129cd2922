module com.example.consumer {
    requires io.keywrap.testkit;
}
