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
    bool _isInText;

    public void Write(TraceEvent item)
    {
        switch (item)
        {
            case TextEvent piece:
                // Models like to begin with blank space.
                var shown = _isInText ? piece.Text : piece.Text.TrimStart();
                text.Write(shown);
                text.Flush();
                _isInText |= shown.Length > 0;
                break;
            case ToolCallEvent call:
                EndLine();
                _calls[call.CallId] = CallNotation.Write(call.Name, call.Arguments);
                break;
            case ToolResultEvent result:
                WriteCall($"{_calls.GetValueOrDefault(result.CallId, result.Name)} {(result.IsError ? "- Error:" : "=")} {result.Content}");
                break;
            case FailoverEvent other:
                EndLine();
                WriteCall($"({other.To} answers, because {other.From} does not: {other.Reason})");
                break;
            default:
                break;
        }
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

    void WriteCall(string line)
    {
        var isTerminal = ReferenceEquals(calls, Console.Error) ? !Console.IsErrorRedirected : !Console.IsOutputRedirected;
        calls.WriteLine(isTerminal && !noColor ? $"{Dim}{line}{Plain}" : line);
        calls.Flush();
    }
}
