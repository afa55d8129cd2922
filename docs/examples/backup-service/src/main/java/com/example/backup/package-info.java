/** A backup service for many tenants, as a vendor would write it on keywrap. */
@NullMarked
package com.example.backup;

import org.jspecify.annotations.NullMarked;
