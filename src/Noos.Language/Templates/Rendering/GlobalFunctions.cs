using Noos.Language.Templates.Values;

namespace Noos.Language.Templates.Rendering;

/// <summary>The functions that every template can call.</summary>
sealed class GlobalFunctions(Operators operators, PythonRepr repr, RenderBudget budget, DateTimeOffset now)
{
    public void AddTo(Scope scope)
    {
        Add("range", Range);
        Add("dict", arguments => Dictionary(arguments));
        Add("namespace", arguments => new NamespaceValue(Dictionary(arguments)));
        Add("raise_exception", arguments => throw new TemplateFault(repr.Str(arguments.Bind("raise_exception", 1, "message")[0]).Value));
        Add("strftime_now", arguments =>
            TrackedText.Literal(TimeFormat.Write(now, Arguments.Text(arguments.Bind("strftime_now", 1, "format")[0])?.Value ?? "")));
        Add("joiner", Joiner);
        Add("cycler", Cycler);

        void Add(string name, Func<Arguments, object?> function) => scope[name] = new FunctionValue(name, function);
    }

    object Range(Arguments arguments)
    {
        var bound = arguments.Positional.Select(PythonSemantics.ToInteger).ToArray();
        var range = bound switch
        {
            [var stop] => new RangeValue(0, stop, 1),
            [var start, var stop] => new RangeValue(start, stop, 1),
            [var start, var stop, var step] => new RangeValue(start, stop, step),
            _ => throw new TemplateFault("'range' takes one to three integers"),
        };
        budget.Spend(range.Items.Length);
        return range;
    }

    TemplateDictionary Dictionary(Arguments arguments)
    {
        var result = new TemplateDictionary();
        if (arguments.Positional.Count > 1)
        {
            throw new TemplateFault("a dict is made of at most one other");
        }

        foreach (var source in arguments.Positional)
        {
            var pairs = source is TemplateDictionary other
                ? new DictionaryView(other, DictionaryViewKind.Items).Items
                : operators.Iterate(source);
            foreach (var pair in pairs)
            {
                if (operators.ToList(pair) is not [var key, var value])
                {
                    throw new TemplateFault("a dict is made of pairs");
                }

                result.Set(key, value);
            }
        }

        foreach (var (name, value) in arguments.Named)
        {
            result.Set(TrackedText.Literal(name), value);
        }

        return result;
    }

    /// <summary>A function that gives nothing the first time and the separator from then on.</summary>
    static FunctionValue Joiner(Arguments arguments)
    {
        var separator = arguments.Bind("joiner", 0, "sep")[0];
        var isUsed = false;
        return new FunctionValue("joiner", call =>
        {
            call.Bind("joiner", 0);
            var result = !isUsed ? TrackedText.Empty : separator == Arguments.Absent ? TrackedText.Literal(", ") : separator;
            isUsed = true;
            return result;
        });
    }

    static NamespaceValue Cycler(Arguments arguments)
    {
        var items = arguments.Positional.Count > 0 ? arguments.Positional : throw new TemplateFault("'cycler' needs values");
        var attributes = new TemplateDictionary();
        var position = 0;
        Update();
        Method("next", () =>
        {
            var item = items[position];
            position = (position + 1) % items.Count;
            Update();
            return item;
        });
        Method("reset", () =>
        {
            position = 0;
            Update();
            return null;
        });
        return new NamespaceValue(attributes);

        void Update() => attributes.Set(TrackedText.Literal("current"), items[position]);

        void Method(string name, Func<object?> method) => attributes.Set(TrackedText.Literal(name), new FunctionValue(name, _ => method()));
    }
}
