using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Core.Conversations;
using Noos.Core.Schemas;
using Noos.Core.Tools;
using Noos.Kernel;

namespace Noos.Tools;

/// <summary>
/// A system call of the model: a name, a strict JSON schema, and text in answer. Instances hold no state and serve many threads at once.
/// Refusals are <see cref="ToolException"/>s, never other exceptions.
/// </summary>
public abstract class Tool : AIFunction
{
    /// <summary>The call that a model would make to this tool.</summary>
    /// <param name="arguments">Name and value of each argument.</param>
    public ToolCallPart Call(params IReadOnlyList<(string Name, string Value)> arguments) =>
        new(Name, ConversationMapping.ToJson(arguments.Select(argument => KeyValuePair.Create(argument.Name, (object?)argument.Value))));

    /// <summary>Runs a call; a refusal becomes a result that is marked as an error and begins with "Error: ".</summary>
    public async ValueTask<ToolResultPart> AnswerAsync(ToolCallPart call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        try
        {
            var content = await RunCheckedAsync(call.Arguments, cancellationToken);
            return new ToolResultPart(Name, content, CallId: call.CallId);
        }
        catch (ToolException refusal)
        {
            return new ToolResultPart(Name, "Error: " + refusal.Message, IsError: true, call.CallId);
        }
    }

    /// <summary>Does the work. The arguments have been checked against the schema.</summary>
    /// <exception cref="ToolException">The tool refuses.</exception>
    protected abstract ValueTask<string> RunAsync(JsonElement arguments, CancellationToken cancellationToken);

    protected sealed override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        JsonElement json;
        try
        {
            json = ConversationMapping.ToJson(arguments);
        }
        catch (Exception unsupported) when (unsupported is NotSupportedException or JsonException or ArgumentException)
        {
            throw new ToolException($"The arguments of {Name} are not JSON.", unsupported);
        }

        return await RunCheckedAsync(json, cancellationToken);
    }

    ValueTask<string> RunCheckedAsync(JsonElement arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ArgumentSchema.FindFault(JsonSchema, arguments) is { } fault
            ? throw new ToolException(fault)
            : RunAsync(arguments, cancellationToken);
    }
}
