using System.CommandLine;
using Noos.Peripherals.Voice.English;

namespace Noos.Cli.Peripherals;

/// <summary><c>noos lexicon FILE</c></summary>
static class LexiconCommand
{
    public static Command Create()
    {
        var dictionary = new Argument<string>("file") { Description = "The CMU Pronouncing Dictionary (cmudict.dict)." };
        var folder = new Option<string>("--out", "-o")
        {
            Description = "Where the two files go.",
            DefaultValueFactory = _ => ".",
        };
        var command = new CommandWithExamples(
            "lexicon", "Pack a pronouncing dictionary and learn spelling from it, as the voices read it.",
            "noos lexicon cmudict.dict --out src/Noos.Peripherals/Voice/English");
        command.Arguments.Add(dictionary);
        command.Options.Add(folder);
        command.SetAction(parsed =>
        {
            LexiconFile.Make(parsed.GetRequiredValue(dictionary), parsed.GetRequiredValue(folder), Console.Out.WriteLine);
            return 0;
        });
        return command;
    }
}
