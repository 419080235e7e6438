package io.atrous.checkpoint.torch;

import io.atrous.checkpoint.torch.Pickled.Storage;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The format of PyTorch since 1.6: a zip archive of {@code NAME/data.pkl}, the object, {@code
 * NAME/data/KEY}, each storage, and {@code NAME/byteorder}.
 *
 * <p><b>Threading:</b> as the file's.
 */
public final class TorchZip implements TorchFile {

  private static final String OBJECT = "data.pkl";
  private static final int MAX_BYTE_ORDER_BYTES = 16;

  private final ZipDirectory directory;
  private final String folder;
  private final Object root;

  private TorchZip(ZipDirectory directory, String folder, Object root) {
    this.directory = directory;
    this.folder = folder;
    this.root = root;
  }

  public static TorchZip read(FileBytes file) {
    ZipDirectory directory = ZipDirectory.read(file);
    String folder = folder(file, directory);
    if (directory.names().contains(folder + "constants.pkl")) {
      throw file.refused(
          "is a TorchScript program, not a state dict; serve it as it is with a specification"
              + " beside it (docs/models.md), or save the weights alone:"
              + " torch.save(model.state_dict(), 'weights.pth')");
    }
    ByteCursor byteOrder = directory.open(folder + "byteorder");
    if (byteOrder != null && !text(byteOrder).equals("little")) {
      throw file.refused("was written on a big-endian machine, which is not supported");
    }
    ByteCursor object = directory.open(folder + OBJECT);
    if (object == null) {
      throw new IllegalStateException("the folder is where the object is");
    }
    Object root = PickleReader.read(file, object, TorchFile::storage);
    return new TorchZip(directory, folder, root);
  }

  private static String folder(FileBytes file, ZipDirectory directory) {
    List<String> objects =
        directory.names().stream()
            .filter(
                name -> name.endsWith("/" + OBJECT) && name.indexOf('/') == name.lastIndexOf('/'))
            .toList();
    if (objects.size() != 1) {
      throw file.refused(
          "is a zip archive but not one of PyTorch's: it has "
              + (objects.isEmpty() ? "no " : "more than one ")
              + OBJECT);
    }
    String object = objects.get(0);
    return object.substring(0, object.length() - OBJECT.length());
  }

  private static String text(ByteCursor entry) {
    return new String(
        entry.next((int) Math.min(entry.remaining(), MAX_BYTE_ORDER_BYTES)),
        StandardCharsets.US_ASCII);
  }

  @Override
  public String format() {
    return "PyTorch zip";
  }

  @Override
  public Object root() {
    return root;
  }

  @Override
  public long locate(Storage storage) {
    return directory.locate(folder + "data/" + storage.key(), storage.bytes());
  }
}
