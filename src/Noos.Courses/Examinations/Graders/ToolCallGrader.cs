using System.Text.Json;
using Noos.Core.Conversations;

namespace Noos.Courses.Examinations.Graders;

/// <summary>A tool is called, once at least with the right arguments. Other calls beside it do no harm.</summary>
/// <param name="tool">Name of the tool.</param>
/// <param name="accepts">Whether the arguments, a JSON object, are right; any are when null.</param>
public sealed class ToolCallGrader(string tool, Func<JsonElement, bool>? accepts = null) : IGrader
{
    public string Tool => tool;

    /// <summary>
    /// A call whose arguments hold those of <paramref name="expected"/>, equal as JSON values; others beside them are allowed.
    /// </summary>
    /// <param name="tool">Name of the tool.</param>
    /// <param name="expected">A JSON object.</param>
    public static ToolCallGrader WithArguments(string tool, JsonElement expected)
    {
        var required = expected.Clone();
        return new ToolCallGrader(tool, arguments => arguments.ValueKind == JsonValueKind.Object && required.EnumerateObject().All(
            member => arguments.TryGetProperty(member.Name, out var value) && JsonElement.DeepEquals(value, member.Value)));
    }

    public string? FindFault(Conversation played)
    {
        var calls = ExamReply.From(played).Calls;
        if (calls.Count == 0)
        {
            return "no tool was called";
        }

        var ofTool = calls.Where(call => call.Name == tool).ToList();
        if (ofTool.Count == 0)
        {
            return $"called {calls[0].Name} instead of {tool}";
        }

        return accepts is null || ofTool.Exists(call => accepts(call.Arguments))
            ? null
            : $"called {tool} with the wrong arguments {ofTool[0].Arguments.GetRawText()}";
    }
}
