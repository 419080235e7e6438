package io.atrous.model;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import java.io.IOException;
import java.util.HexFormat;

/** Colours in JSON are text as people write them: {@code "#804080"}. */
final class ColourJson {

  private static final HexFormat HEX = HexFormat.of();
  private static final int DIGITS = 6;

  private ColourJson() {}

  static final class Writer extends StdScalarSerializer<Integer> {
    private static final long serialVersionUID = 1L;

    Writer() {
      super(Integer.class);
    }

    @Override
    public void serialize(Integer rgb, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeString("#" + HEX.toHexDigits(rgb, DIGITS));
    }
  }

  static final class Reader extends StdScalarDeserializer<Integer> {
    private static final long serialVersionUID = 1L;

    Reader() {
      super(Integer.class);
    }

    @Override
    public Integer deserialize(JsonParser json, DeserializationContext context) throws IOException {
      String text = json.getText();
      if (!text.matches("#[0-9a-fA-F]{6}")) {
        return (Integer)
            context.handleWeirdStringValue(Integer.class, text, "a colour is written #RRGGBB");
      }
      return HexFormat.fromHexDigits(text, 1, 1 + DIGITS);
    }
  }
}
