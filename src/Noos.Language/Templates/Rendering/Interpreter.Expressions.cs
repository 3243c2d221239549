using Noos.Language.Templates.Syntax;
using Noos.Language.Templates.Values;

namespace Noos.Language.Templates.Rendering;

/// <summary>The values of expressions.</summary>
sealed partial class Interpreter
{
    object? Evaluate(Expression expression, Scope scope)
    {
        _budget.Spend();
        RenderBudget.EnsureStack();
        Line = expression.Line;
        switch (expression)
        {
            case Constant constant:
                return constant.Value;
            case Name name:
                return scope.TryGet(name.Identifier, out var variable) ? variable : new Undefined($"'{name.Identifier}'");
            case ListLiteral list:
                return list.Items.Select(item => Evaluate(item, scope)).ToList();
            case TupleLiteral tuple:
                return tuple.Items.Select(item => Evaluate(item, scope)).ToArray();
            case DictionaryLiteral literal:
                var dictionary = new TemplateDictionary();
                foreach (var (key, value) in literal.Items)
                {
                    dictionary.Set(Evaluate(key, scope), Evaluate(value, scope));
                }

                return dictionary;
            case Unary unary:
                var operand = Evaluate(unary.Operand, scope);
                return unary.Operator switch
                {
                    "not" => !PythonSemantics.IsTrue(operand),
                    "-" => Operators.Negate(operand),
                    _ => Operators.Positive(operand),
                };
            case Binary binary:
                return Evaluate(binary, scope);
            case Comparison comparison:
                return Compare(comparison, scope);
            case Concatenation concatenation:
                var text = new TrackedTextBuilder(_budget);
                foreach (var part in concatenation.Parts)
                {
                    text.Append(_repr.Str(Evaluate(part, scope)));
                }

                return text.ToText();
            case Conditional conditional:
                return PythonSemantics.IsTrue(Evaluate(conditional.Condition, scope)) ? Evaluate(conditional.Then, scope)
                    : conditional.Else is { } otherwise ? Evaluate(otherwise, scope)
                    : new Undefined("the value of an 'if' without 'else'");
            case AttributeAccess access:
                var owner = Evaluate(access.Target, scope);
                Line = access.Line;
                return GetAttribute(owner, access.Attribute);
            case ItemAccess access:
                var container = Evaluate(access.Target, scope);
                return GetItem(container, Evaluate(access.Key, scope));
            case Slice slice:
                return new SliceValue(Optional(slice.Start), Optional(slice.Stop), Optional(slice.Step));
            case Call call:
                return Call(call, scope, caller: null);
            case Filter filter:
                return ApplyFilter(filter, TrackedText.Empty, scope);
            case Test test:
                return IsTrue(test, scope);
            default:
                throw new TemplateFault($"the expression {expression.GetType().Name} is not known");
        }

        object? Optional(Expression? part) => part is null ? null : Evaluate(part, scope);
    }

    object? Evaluate(Binary binary, Scope scope)
    {
        var left = Evaluate(binary.Left, scope);
        if (binary.Operator is "and" or "or")
        {
            return PythonSemantics.IsTrue(left) == (binary.Operator == "and") ? Evaluate(binary.Right, scope) : left;
        }

        var right = Evaluate(binary.Right, scope);
        return binary.Operator switch
        {
            "+" => _operators.Add(left, right),
            "-" => _operators.Subtract(left, right),
            "*" => _operators.Multiply(left, right),
            "/" => _operators.Divide(left, right),
            "//" => _operators.FloorDivide(left, right),
            "%" => _operators.Modulo(left, right),
            _ => _operators.Power(left, right),
        };
    }

    bool Compare(Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (sign, operand) in comparison.Rest)
        {
            var right = Evaluate(operand, scope);
            if (!Compare(sign, left, right))
            {
                return false;
            }

            left = right;
        }

        return true;
    }

    /// <summary>One comparison by its sign.</summary>
    public bool Compare(string sign, object? left, object? right) => sign switch
    {
        "==" => _operators.Equal(left, right),
        "!=" => !_operators.Equal(left, right),
        "<" => _operators.Compare(left, right) < 0,
        "<=" => _operators.Compare(left, right) <= 0,
        ">" => _operators.Compare(left, right) > 0,
        ">=" => _operators.Compare(left, right) >= 0,
        "in" => _operators.Contains(right, left),
        _ => !_operators.Contains(right, left),
    };

    /// <summary>Jinja's <c>a.b</c>: what Python calls an attribute, else the item of that name.</summary>
    public object? GetAttribute(object? owner, string name)
    {
        if (owner is Undefined undefined)
        {
            throw undefined.Fault();
        }

        return TryFindAttribute(owner, name, out var value) || _operators.TryGetItem(owner, TrackedText.Literal(name), out value)
            ? value
            : new Undefined($"the attribute '{name}' of a value of type {PythonSemantics.TypeName(owner)}");
    }

    /// <summary>Jinja's <c>a[b]</c>: the item, else what Python calls an attribute.</summary>
    public object? GetItem(object? owner, object? key)
    {
        if (_operators.TryGetItem(owner, key, out var value) || (key is TrackedText name && TryFindAttribute(owner, name.Value, out value)))
        {
            return value;
        }

        var what = key is TrackedText or System.Numerics.BigInteger ? $" {_repr.Repr(key).Value}" : "";
        return new Undefined($"the item{(what.Length > 80 ? "" : what)} of a value of type {PythonSemantics.TypeName(owner)}");
    }

    bool TryFindAttribute(object? owner, string name, out object? value)
    {
        value = owner switch
        {
            LoopValue loop when name == "changed" =>
                new FunctionValue("loop.changed", arguments => loop.HasChanged(arguments.Positional, _operators)),
            LoopValue loop => loop.Attribute(name),
            TrackedText text => _textMethods.Find(text, name),
            List<object?> list => CollectionMethods.Find(list, name, _operators, _budget),
            TemplateDictionary dictionary => CollectionMethods.Find(dictionary, name),
            _ => null,
        };
        return value is not null || (owner is NamespaceValue space && space.Attributes.TryGet(TrackedText.Literal(name), out value));
    }

    object? Call(Call call, Scope scope, FunctionValue? caller)
    {
        var callee = Evaluate(call.Callee, scope);
        var positional = call.Arguments.Positional.Select(argument => Evaluate(argument, scope)).ToList();
        var named = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (caller is not null)
        {
            named["caller"] = caller;
        }

        Line = call.Line;
        return Invoke(callee, TakeArguments(call.Arguments, positional, named, scope), call.Line);
    }

    object? Invoke(object? callee, Arguments arguments, int line)
    {
        RenderBudget.EnsureStack();
        var result = callee switch
        {
            FunctionValue function => function.Call(arguments),
            LoopValue loop => loop.Call(arguments),
            Undefined undefined => throw undefined.Fault(),
            _ => throw new TemplateFault($"a value of type {PythonSemantics.TypeName(callee)} cannot be called"),
        };
        Line = line;
        return result;
    }

    Arguments TakeArguments(CallArguments arguments, List<object?> positional, Dictionary<string, object?> named, Scope scope)
    {
        foreach (var (name, value) in arguments.Named)
        {
            if (!named.TryAdd(name, Evaluate(value, scope)))
            {
                throw new TemplateFault($"the argument '{name}' is given twice");
            }
        }

        if (arguments.MorePositional is { } more)
        {
            positional.AddRange(_operators.Iterate(Evaluate(more, scope)));
        }

        if (arguments.MoreNamed is { } others)
        {
            var dictionary = Evaluate(others, scope) as TemplateDictionary ?? throw new TemplateFault("only a dict can follow '**'");
            foreach (var (key, value) in dictionary.Items)
            {
                if (key is not TrackedText name || !named.TryAdd(name.Value, value))
                {
                    throw new TemplateFault("the names of the arguments behind '**' must be texts and differ from the others");
                }
            }
        }

        return new Arguments(positional, named);
    }

    object? ApplyFilter(Expression? expression, TrackedText block, Scope scope)
    {
        if (expression is not Filter filter)
        {
            return block;
        }

        RenderBudget.EnsureStack();
        var target = filter.Target switch
        {
            null => block,
            Filter inner => ApplyFilter(inner, block, scope),
            _ => Evaluate(filter.Target, scope),
        };
        var positional = filter.Arguments.Positional.Select(argument => Evaluate(argument, scope)).ToList();
        var arguments = TakeArguments(filter.Arguments, positional, new(StringComparer.Ordinal), scope);
        Line = filter.Line;
        return _filters.Apply(filter.Identifier, target, arguments);
    }

    bool IsTrue(Test test, Scope scope)
    {
        var target = Evaluate(test.Target, scope);
        var positional = test.Arguments.Positional.Select(argument => Evaluate(argument, scope)).ToList();
        var arguments = TakeArguments(test.Arguments, positional, new(StringComparer.Ordinal), scope);
        Line = test.Line;
        return _filters.IsTrue(test.Identifier, target, arguments);
    }
}
