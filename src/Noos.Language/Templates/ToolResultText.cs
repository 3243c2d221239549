using Noos.Core.Conversations;

namespace Noos.Language.Templates;

/// <summary>
/// The text of a tool's result as a model reads it: where the result is an error, it begins with <see cref="ErrorPrefix"/>.
/// </summary>
public static class ToolResultText
{
    /// <summary>How a model is told that a result is an error; our own models learned it from their lessons.</summary>
    public const string ErrorPrefix = "Error: ";

    public static string Render(ToolResultPart result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var text = result.Text;

        // Lessons of earlier versions have the prefix in the text already.
        return result.IsError && !text.StartsWith(ErrorPrefix, StringComparison.Ordinal) ? ErrorPrefix + text : text;
    }
}
