using Noos.Cli.Chat;
using Noos.Kernel.Tracing;

namespace Noos.Cli.Tests;

public sealed class AnswerWriterTests
{
    const string Notice = "(small answers, because big does not: it is busy)\n";

    readonly StringWriter _text = new() { NewLine = "\n" };
    readonly StringWriter _notes = new() { NewLine = "\n" };

    [Fact]
    public void Failover_is_told_once_in_an_answer_however_many_runs_it_has()
    {
        var writer = new AnswerWriter(_text, _notes, noColor: true);

        foreach (var word in (string[])["One", " two", " three"])
        {
            writer.Write(new FailoverEvent("big", "small", "it is busy"));
            writer.Write(new TextEvent(word));
        }

        writer.EndAnswer();
        Assert.Equal(("One two three\n", Notice), (_text.ToString(), _notes.ToString()));

        writer.Write(new FailoverEvent("big", "small", "it is busy"));
        writer.Write(new FailoverEvent("small", "tiny", "it is busy"));
        writer.EndAnswer();
        Assert.Equal($"{Notice}{Notice}(tiny answers, because small does not: it is busy)\n", _notes.ToString());
    }
}
