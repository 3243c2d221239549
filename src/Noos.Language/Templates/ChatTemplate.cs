using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Language.Templates.Rendering;
using Noos.Language.Templates.Syntax;
using Noos.Language.Templates.Values;

namespace Noos.Language.Templates;

/// <summary>
/// A chat template as models carry it: a Jinja program that writes a conversation as text. The language is that of Jinja 3 as transformers
/// sets it up (sandbox, <c>trim_blocks</c>, <c>lstrip_blocks</c>, <c>break</c> and <c>continue</c>, <c>raise_exception</c>,
/// <c>strftime_now</c>, <c>tojson</c> that leaves text outside ASCII as it is). Templates come from anywhere: their time and memory are
/// bounded. Immutable and thread-safe.
/// </summary>
public sealed class ChatTemplate
{
    /// <summary>Longest template in characters; real ones have up to 30,000.</summary>
    public const int MaxLength = 1 << 20;

    // What a rendering may cost in steps of RenderBudget: a base for the template's own work, more for each character it is given, and
    // something for templates that look at all messages for each message, which is quadratic and therefore has a bound of its own.
    const long BaseSteps = 3_000_000;
    const long StepsPerCharacter = 64;
    const long PairsPerStep = 64;
    const long MaxPairSteps = 100_000_000;

    readonly Block _program;
    readonly Lazy<HashSet<string>> _names;

    ChatTemplate(string source, Block program)
    {
        Source = source;
        _program = program;
        _names = new Lazy<HashSet<string>>(() => TemplateLexer.Names(source));
    }

    /// <summary>The text of the template.</summary>
    public string Source { get; }

    /// <summary>The name stands in the program, not as a member of something: the template may read a variable of it.</summary>
    public bool Reads(string name) => _names.Value.Contains(name);

    /// <summary>Reads a template.</summary>
    /// <exception cref="NoosException">
    /// It is not valid Jinja (<see cref="ErrorKind.Invalid"/>; the message names the line), or too long or too deep (<see
    /// cref="ErrorKind.Refused"/>).
    /// </exception>
    public static ChatTemplate Parse(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.Length <= MaxLength
            ? new ChatTemplate(source, TemplateParser.Parse(source))
            : throw new NoosException(ErrorKind.Refused,
                $"The chat template has {source.Length:N0} characters and at most {MaxLength:N0} are allowed; choose another model.");
    }

    /// <summary>Renders a conversation.</summary>
    /// <param name="conversation">What was said.</param>
    /// <param name="tools">The tools that the model may call.</param>
    /// <param name="options">Everything else the template is told.</param>
    /// <returns>The text in order; neighbouring segments differ in <see cref="TemplateSegment.IsData"/>.</returns>
    /// <exception cref="NoosException">
    /// The template raises an exception or does something impossible (<see cref="ErrorKind.Invalid"/>), or asks for more work than it is
    /// given (<see cref="ErrorKind.Refused"/>).
    /// </exception>
    public IReadOnlyList<TemplateSegment> Render(
        Conversation conversation, IReadOnlyList<ToolDeclaration>? tools = null, TemplateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return Render(
            TemplateMessages.Write(conversation, new MessageShape()),
            tools is { Count: > 0 } ? TemplateMessages.Write(tools) : null,
            options);
    }

    internal IReadOnlyList<TemplateSegment> Render(List<object?> messages, List<object?>? tools, TemplateOptions? options)
    {
        options ??= new TemplateOptions();
        return Run(options.Now, scope =>
        {
            scope["messages"] = messages;
            scope["tools"] = tools;
            scope["documents"] = null;
            scope["add_generation_prompt"] = options.AddGenerationPrompt;
            scope["bos_token"] = TrackedText.Literal(options.BosToken);
            scope["eos_token"] = TrackedText.Literal(options.EosToken);
            foreach (var (name, value) in options.Variables)
            {
                scope[name] = JsonText.Read(value);
            }
        });
    }

    /// <summary>Renders with variables of any kind, a JSON object; their texts count as data.</summary>
    internal IReadOnlyList<TemplateSegment> Render(JsonElement variables, DateTimeOffset now) => Run(now, scope =>
    {
        foreach (var variable in variables.EnumerateObject())
        {
            scope[variable.Name] = JsonText.Read(variable.Value);
        }
    });

    List<TemplateSegment> Run(DateTimeOffset? now, Action<Scope> addVariables)
    {
        Interpreter? interpreter = null;
        try
        {
            var functions = new Scope(null);
            var variables = new Scope(functions);
            addVariables(variables);
            var weight = variables.Weight();
            var budget = new RenderBudget(BaseSteps + (StepsPerCharacter * weight)
                + Math.Min(weight * weight / PairsPerStep, MaxPairSteps));
            var operators = new Operators(budget);
            new GlobalFunctions(operators, new PythonRepr(budget), budget, now ?? TimeProvider.System.GetLocalNow()).AddTo(functions);
            interpreter = new Interpreter(budget);
            return [.. interpreter.Render(_program, variables).Segments()];
        }
        catch (TemplateFault fault)
        {
            throw new NoosException(fault.Kind,
                $"The chat template failed in line {interpreter?.Line ?? 1}: {fault.Message}; change the conversation or choose "
                + "another model.",
                fault);
        }
    }
}
