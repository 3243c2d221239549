using System.Text.Json;
using Noos.Core;
using Noos.Kernel.Cpu;
using Noos.Language.Tokenization;

namespace Noos.Cpus.Local;

/// <summary>The variables of a model's chat template that a request asks for.</summary>
static class TemplateVariables
{
    const string EffortField = "reasoning_effort";
    const string NoEffort = "none";

    // Templates that know no degrees of thinking have a switch under one of these names.
    static readonly string[] s_switches = ["enable_thinking", "thinking"];

    /// <summary>All that are given, and those that stand for the effort of reasoning; null for none.</summary>
    /// <exception cref="NoosException">The template does not read one of them, so that it would be ignored.</exception>
    public static IReadOnlyDictionary<string, JsonElement>? Resolve(IChatFormat format, GenerationOptions options)
    {
        if (options.TemplateVariables is not { Count: > 0 } && options.ReasoningEffort is null)
        {
            return null;
        }

        var variables = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (options.ReasoningEffort is { } effort)
        {
            AddEffort(format, effort, variables);
        }

        foreach (var (name, value) in options.TemplateVariables ?? new Dictionary<string, JsonElement>())
        {
            variables[name] = format.ReadsVariable(name)
                ? value
                : throw new NoosException(
                    $"The chat template of this model does not read '{name}', so it would change nothing; leave it out.")
                {
                    Parameter = name == "documents" ? name : $"chat_template_kwargs.{name}",
                };
        }

        return variables;
    }

    static void AddEffort(IChatFormat format, string effort, Dictionary<string, JsonElement> variables)
    {
        if (format.ReadsVariable(EffortField))
        {
            variables[EffortField] = JsonSerializer.SerializeToElement(effort, TemplateVariablesJsonContext.Default.String);
        }
        else if (Array.Find(s_switches, format.ReadsVariable) is { } name)
        {
            variables[name] = JsonElement.Parse(effort == NoEffort ? "false" : "true");
        }
        else if (effort != NoEffort)
        {
            throw new NoosException(
                "The chat template of this model has no effort of reasoning and no switch for it, so it would change nothing; leave out "
                + $"\"{EffortField}\".")
            {
                Parameter = EffortField,
            };
        }
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
sealed partial class TemplateVariablesJsonContext : System.Text.Json.Serialization.JsonSerializerContext;
