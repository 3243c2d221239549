using System.Globalization;
using System.Text;
using Noos.Cli.Permissions;
using Noos.Core.Conversations;
using Noos.Kernel.Tracing;

namespace Noos.Cli.Chat;

/// <summary>Writes an answer to the terminal as it comes: text as it is, tool calls on lines of their own.</summary>
/// <param name="text">Gets what the model says.</param>
/// <param name="calls">Gets the tool calls; may be the same writer.</param>
sealed class AnswerWriter(TextWriter text, TextWriter calls, bool noColor)
{
    const string Dim = "\e[2m";
    const string Plain = "\e[0m";

    readonly Dictionary<string, string> _calls = new(StringComparer.Ordinal);
    readonly StringBuilder _answer = new();
    readonly List<Part> _read = [];
    (string From, string To, string Reason) _other;
    bool _isInText;
    bool _isInOutput;

    public void Write(TraceEvent item)
    {
        switch (item)
        {
            case TextEvent piece:
                // Models like to begin with blank space.
                var shown = _isInText ? piece.Text : piece.Text.TrimStart();
                text.Write(shown);
                _answer.Append(shown);
                text.Flush();
                _isInText |= shown.Length > 0;
                break;
            case ToolCallEvent call:
                EndLine();
                _calls[call.CallId] = CallNotation.Write(call.Name, call.Arguments);
                break;
            case ToolOutputEvent output:
                EndLine();
                WriteOutput(output.Output);
                break;
            case ToolResultEvent result:
                EndOutput();
                _read.AddRange(result.Parts ?? []);
                WriteCall($"{_calls.GetValueOrDefault(result.CallId, result.Name)} {(result.IsError ? "- Error:" : "=")} {result.Content}");
                break;
            case FailoverEvent other when _other != (other.From, other.To, other.Reason):
                // Each run of an answer tells it; once is enough to read.
                _other = (other.From, other.To, other.Reason);
                EndLine();
                WriteCall($"({other.To} answers, because {other.From} does not: {other.Reason})");
                break;
            default:
                break;
        }
    }

    /// <summary>Notes what the answer may cite beside what it shows itself.</summary>
    public void NoteRead(IEnumerable<Part> parts) => _read.AddRange(parts);

    /// <summary>Says what a tool has made.</summary>
    public void WriteMade(string path)
    {
        EndLine();
        WriteCall($"Made {VisibleText.From(path)}");
    }

    /// <summary>Ends a line of text that was begun.</summary>
    public void EndLine()
    {
        if (_isInText)
        {
            text.WriteLine();
            text.Flush();
            _isInText = false;
        }
    }

    /// <summary>Ends an answer: says what the numbers in it lead to.</summary>
    public void EndAnswer()
    {
        EndLine();
        foreach (var source in CitedPassage.Find(_answer.ToString(), _read).Select(cited => cited.Source).Distinct()
            .OrderBy(source => source.Number))
        {
            // An address that says no more than the title is left out.
            var address = source.Address == source.Title ? "" : $", {source.Address}";
            WriteCall(VisibleText.From(string.Create(CultureInfo.InvariantCulture, $"[{source.Number}] {source.Title}{address}")));
        }

        _answer.Clear();
        _read.Clear();
        _other = default;
    }

    void WriteCall(string line)
    {
        calls.WriteLine(IsColored ? $"{Dim}{line}{Plain}" : line);
        calls.Flush();
    }

    // Only for whoever watches: the result says it again, so a file would have it twice.
    void WriteOutput(string piece)
    {
        if (!IsTerminal)
        {
            return;
        }

        var shown = VisibleText.From(piece);
        calls.Write(noColor ? shown : $"{Dim}{shown}{Plain}");
        calls.Flush();
        _isInOutput = !piece.EndsWith('\n');
    }

    void EndOutput()
    {
        if (_isInOutput)
        {
            calls.WriteLine();
            _isInOutput = false;
        }
    }

    bool IsTerminal => ReferenceEquals(calls, Console.Error) ? !Console.IsErrorRedirected : !Console.IsOutputRedirected;

    bool IsColored => IsTerminal && !noColor;
}
