package io.atrous.dataset;

import java.nio.file.Path;

/**
 * An image file and its label image.
 *
 * @param name the image's path from the data set's folder, with slashes
 */
record ImagePair(String name, Path image, Path labels) {}
