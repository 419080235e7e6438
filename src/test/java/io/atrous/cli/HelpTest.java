package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Every command speaks of itself in the same way. */
class HelpTest {

  static Stream<CommandSpec> commands() {
    return withSubcommands(Main.commandLine().getCommandSpec());
  }

  private static Stream<CommandSpec> withSubcommands(CommandSpec command) {
    return Stream.concat(
        Stream.of(command),
        command.subcommands().values().stream()
            .map(CommandLine::getCommandSpec)
            .flatMap(HelpTest::withSubcommands));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void beginsWithASentence(CommandSpec command) {
    assertThat(command.usageMessage().description()[0]).matches("[A-Z].*[^.]\\.");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void namesValuesInCapitals(CommandSpec command) {
    assertThat(command.args())
        .filteredOn(argument -> argument.arity().max() > 0)
        .allSatisfy(argument -> assertThat(argument.paramLabel()).matches("[A-Z|,=x]+"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void showsDefaultsOnALineOfTheirOwnAsOneWouldWriteThem(CommandSpec command) {
    assertThat(command.commandLine().getUsageMessage().lines())
        .filteredOn(line -> line.contains("Default:"))
        .allSatisfy(line -> assertThat(line).matches(" +Default: [^ \\[{].*"));
  }

  @ParameterizedTest
  @CsvSource({
    "judge, model judge",
    "judge, model judge --help",
    "judge, model judge -h x.pth",
    "judge, model -h judge",
    "foo, foo --help",
    "foo, bench foo --version",
    "foo, dead-letters foo -h",
    "foo, chaos foo -h",
  })
  void anUnknownSubcommandIsAnErrorWhateverElseIsAskedFor(String unknown, String arguments) {
    StringWriter err = new StringWriter();

    int exitCode =
        Main.commandLine().setErr(new PrintWriter(err)).execute(arguments.split(" ", -1));

    assertThat(exitCode).isEqualTo(Main.BAD_INPUT);
    assertThat(err.toString()).startsWith("Unmatched argument").contains("'" + unknown + "'");
  }

  @Test
  void aMistypedSubcommandIsAnsweredWithTheOneThatWasMeant() {
    StringWriter err = new StringWriter();

    assertThat(
            Main.commandLine()
                .setErr(new PrintWriter(err))
                .execute("model", "improt", "x.pth", "--help"))
        .isEqualTo(Main.BAD_INPUT);
    assertThat(err.toString()).contains("model import");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void saysItsVersion(CommandSpec command) {
    StringWriter out = new StringWriter();

    int exitCode = command.commandLine().setOut(new PrintWriter(out)).execute("--version");

    assertThat(exitCode).isZero();
    assertThat(out.toString()).startsWith("atrous ");
  }
}
