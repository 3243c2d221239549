using System.Text;

namespace Noos.Core;

/// <summary>
/// Exceptions as logs and traces have them: what they are and where they came from, never their messages. Those may quote what people or
/// models wrote, and a log is read by others than a conversation.
/// </summary>
public static class ExceptionTrace
{
    /// <summary>What it is, in a word or two.</summary>
    public static string Name(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception is NoosException noos
            ? noos.Code is { } code ? $"{noos.Kind} ({code})" : noos.Kind.ToString()
            : exception.GetType().FullName!;
    }

    /// <summary>The same with those inside it and the stack of each, a line each.</summary>
    public static string Describe(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var text = new StringBuilder();
        for (var one = exception; one is not null; one = one.InnerException)
        {
            text.Append(text.Length > 0 ? "\ncaused by " : "").Append(Name(one));
            if (one.StackTrace is { } stack)
            {
                text.Append('\n').Append(stack);
            }
        }

        return text.ToString();
    }
}
