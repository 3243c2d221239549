using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Tools.Calculator.Course;

/// <summary>Calls of the calculator and what it answers, as lessons show them: evaluated here, without a kernel.</summary>
static class CalculatorCall
{
    public const string ToolName = "calculator";
    public const string Argument = "expression";

    // The model shall learn to write a plus, not its escape.
    static readonly JsonWriterOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ToolCallPart Create(string expression)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, s_readable))
        {
            writer.WriteStartObject();
            writer.WriteString(Argument, expression);
            writer.WriteEndObject();
        }

        return new ToolCallPart(ToolName, JsonElement.Parse(buffer.WrittenSpan));
    }

    /// <summary>The result of a call; a refusal is marked as an error and begins with <see cref="ToolResultPart.ErrorPrefix"/>.</summary>
    public static ToolResultPart Answer(string expression)
    {
        try
        {
            return new ToolResultPart(ToolName, CalculatorTool.Evaluate(expression));
        }
        catch (ToolException refusal)
        {
            return new ToolResultPart(ToolName, ToolResultPart.ErrorPrefix + refusal.Message, IsError: true);
        }
    }
}
