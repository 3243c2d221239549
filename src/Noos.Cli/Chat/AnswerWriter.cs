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
    IReadOnlyList<Citation> _citations = [];
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
                _citations = result.Parts?.OfType<TextPart>().Select(part => part.Citation).OfType<Citation>()
                    .ToArray() is { Length: > 0 } read
                    ? read
                    : _citations;
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

    /// <summary>Ends an answer: says what the numbers in it lead to.</summary>
    public void EndAnswer()
    {
        EndLine();
        var answer = _answer.ToString();
        foreach (var citation in _citations)
        {
            var mark = string.Create(CultureInfo.InvariantCulture, $"[{citation.Number}]");
            if (answer.Contains(mark, StringComparison.Ordinal))
            {
                WriteCall($"{mark} {citation.Title}, {citation.Address}");
            }
        }

        _answer.Clear();
        _citations = [];
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
