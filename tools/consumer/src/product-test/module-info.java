open module com.example.product {
    requires io.keywrap;
    requires io.keywrap.testkit;
    requires org.junit.jupiter.api;
}
