using Noos.Core;
using Noos.Language.Templates.Syntax;
using Noos.Language.Templates.Values;

namespace Noos.Language.Templates.Rendering;

/// <summary>Walks the tree of a template and writes its text. For one rendering.</summary>
sealed partial class Interpreter
{
    /// <summary>Macros may call each other this deep; Python's stack ends in the same region.</summary>
    const int MaxCallDepth = 200;

    readonly RenderBudget _budget;
    readonly Operators _operators;
    readonly PythonRepr _repr;
    readonly Filters _filters;
    readonly TextMethods _textMethods;
    TrackedTextBuilder _output;
    int _calls;

    public Interpreter(RenderBudget budget)
    {
        _budget = budget;
        _operators = new Operators(budget);
        _repr = new PythonRepr(budget);
        _filters = new Filters(this, _operators, _repr, budget);
        _textMethods = new TextMethods(_operators, budget);
        _output = new TrackedTextBuilder(budget);
    }

    /// <summary>The line of what was evaluated last.</summary>
    public int Line { get; private set; } = 1;

    enum Flow
    {
        Next,
        Break,
        Continue,
    }

    /// <summary>Renders a template whose variables the scope holds.</summary>
    public TrackedText Render(Block template, Scope variables)
    {
        Execute(template, new Scope(variables));
        return _output.ToText();
    }

    Flow Execute(Block block, Scope scope)
    {
        RenderBudget.EnsureStack();
        foreach (var statement in block.Statements)
        {
            // Paid for also where nothing is written: an empty loop body takes time too.
            _budget.Spend();
            Line = statement.Line;
            if (Execute(statement, scope) is var flow and not Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    Flow Execute(Statement statement, Scope scope)
    {
        switch (statement)
        {
            case TextStatement text:
                _output.Append(text.Text);
                return Flow.Next;
            case OutputStatement output:
                _output.Append(_repr.Str(Evaluate(output.Value, scope)));
                return Flow.Next;
            case IfStatement branching:
                foreach (var (condition, body) in branching.Branches)
                {
                    if (PythonSemantics.IsTrue(Evaluate(condition, scope)))
                    {
                        return Execute(body, scope);
                    }
                }

                return Execute(branching.Else, scope);
            case ForStatement loop:
                Loop(loop, Evaluate(loop.Items, scope), scope, depth: 0);
                return Flow.Next;
            case SetStatement assignment:
                Assign(assignment.Target, Evaluate(assignment.Value, scope), scope);
                return Flow.Next;
            case SetBlockStatement assignment:
                Assign(assignment.Target, ApplyFilter(assignment.Filter, Capture(assignment.Body, new Scope(scope)), scope), scope);
                return Flow.Next;
            case MacroStatement macro:
                scope[macro.Name] = Macro(macro.Definition, scope);
                return Flow.Next;
            case CallStatement call:
                _output.Append(_repr.Str(Call(call.Call, scope, Macro(call.Caller, scope))));
                return Flow.Next;
            case FilterStatement filter:
                _output.Append(_repr.Str(ApplyFilter(filter.Filter, Capture(filter.Body, new Scope(scope)), scope)));
                return Flow.Next;
            case WithStatement with:
                var inner = new Scope(scope);
                foreach (var (target, value) in with.Assignments)
                {
                    Assign(target, Evaluate(value, scope), inner);
                }

                return Execute(with.Body, inner);
            case LoopControlStatement control:
                return control.IsBreak ? Flow.Break : Flow.Continue;
            default:
                throw new TemplateFault($"the statement {statement.GetType().Name} is not known");
        }
    }

    void Loop(ForStatement loop, object? value, Scope scope, int depth)
    {
        var items = _operators.ToList(value);
        if (loop.Condition is { } condition)
        {
            items = items.FindAll(item =>
            {
                var test = new Scope(scope);
                Assign(loop.Target, item, test);
                return PythonSemantics.IsTrue(Evaluate(condition, test));
            });
        }

        var state = new LoopValue(items, depth, loop.IsRecursive ? Recurse : null);
        for (var index = 0; index < items.Count; index++)
        {
            _budget.Spend();
            state.Index = index;
            var inner = new Scope(scope) { ["loop"] = state };
            Assign(loop.Target, items[index], inner);
            if (Execute(loop.Body, inner) == Flow.Break)
            {
                break;
            }
        }

        if (items.Count == 0)
        {
            Execute(loop.Else, new Scope(scope));
        }

        TrackedText Recurse(object? children) => Capture(() => Loop(loop, children, scope, depth + 1));
    }

    void Assign(Expression target, object? value, Scope scope)
    {
        switch (target)
        {
            case Name name:
                scope[name.Identifier] = value;
                break;
            case AttributeAccess { Target: Name space } attribute:
                var attributes = (scope.TryGet(space.Identifier, out var owner) ? owner as NamespaceValue : null)?.Attributes
                    ?? throw new TemplateFault($"'{space.Identifier}' is no namespace, so its attributes cannot be set");
                attributes.Set(TrackedText.Literal(attribute.Attribute), value);
                break;
            case TupleLiteral tuple:
                var values = _operators.ToList(value);
                if (values.Count != tuple.Items.Count)
                {
                    throw new TemplateFault($"{values.Count} values cannot be given to {tuple.Items.Count} names");
                }

                for (var index = 0; index < values.Count; index++)
                {
                    Assign(tuple.Items[index], values[index], scope);
                }

                break;
        }
    }

    TrackedText Capture(Block body, Scope scope) => Capture(() => Execute(body, scope));

    /// <summary>The text that an action writes, taken out of the output.</summary>
    TrackedText Capture(Action write)
    {
        if (++_calls > MaxCallDepth)
        {
            throw new TemplateFault("macros or loops call themselves too deeply", ErrorKind.Refused);
        }

        var outer = _output;
        _output = new TrackedTextBuilder(_budget);
        write();
        var text = _output.ToText();
        _output = outer;
        _calls--;
        return text;
    }

    FunctionValue Macro(MacroDefinition macro, Scope scope) => new(macro.Name, arguments =>
    {
        var inner = new Scope(scope);
        var named = new Dictionary<string, object?>(arguments.Named, StringComparer.Ordinal);
        if (macro.Extras.Contains("caller"))
        {
            inner["caller"] = named.Remove("caller", out var caller)
                ? caller
                : new Undefined("the caller of a macro called without a block");
        }

        for (var index = 0; index < macro.Parameters.Count; index++)
        {
            var (name, fallback) = macro.Parameters[index];
            if (index < arguments.Positional.Count)
            {
                inner[name] = arguments.Positional[index];
                if (named.ContainsKey(name))
                {
                    throw new TemplateFault($"the macro '{macro.Name}' was given '{name}' twice");
                }
            }
            else if (named.Remove(name, out var value))
            {
                inner[name] = value;
            }
            else
            {
                inner[name] = fallback is null ? new Undefined($"the parameter '{name}'") : Evaluate(fallback, inner);
            }
        }

        TakeExtras(macro, arguments, named, inner);
        return Capture(macro.Body, inner);
    });

    static void TakeExtras(MacroDefinition macro, Arguments arguments, Dictionary<string, object?> named, Scope scope)
    {
        if (macro.Extras.Contains("kwargs"))
        {
            var rest = new TemplateDictionary();
            foreach (var (name, value) in named)
            {
                rest.Set(TrackedText.Literal(name), value);
            }

            scope["kwargs"] = rest;
        }
        else if (named.Count > 0)
        {
            throw new TemplateFault($"the macro '{macro.Name}' has no parameter '{named.Keys.First()}'");
        }

        if (macro.Extras.Contains("varargs"))
        {
            scope["varargs"] = arguments.Positional.Skip(macro.Parameters.Count).ToArray();
        }
        else if (arguments.Positional.Count > macro.Parameters.Count)
        {
            throw new TemplateFault($"the macro '{macro.Name}' takes at most {macro.Parameters.Count} arguments");
        }
    }
}
