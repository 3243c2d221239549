using System.Numerics;
using Noos.Language.Templates.Values;

namespace Noos.Language.Templates.Rendering;

/// <summary>
/// The methods of Python's lists and dicts. transformers forbids those that change a value; templates made for llama.cpp use them, and here
/// they can only change what belongs to the one rendering.
/// </summary>
static class CollectionMethods
{
    /// <summary>A method, or null when there is none of the name.</summary>
    public static FunctionValue? Find(List<object?> list, string name, Operators operators, RenderBudget budget)
    {
        Func<Arguments, object?>? method = name switch
        {
            "append" => Append,
            "extend" => Extend,
            "insert" => Insert,
            "pop" => Pop,
            "reverse" => Reverse,
            "clear" => Clear,
            "copy" => Copy,
            "count" => arguments => new BigInteger(list.Count(item => operators.Equal(item, arguments.Bind(name, 1, "item")[0]))),
            "index" => Index,
            _ => null,
        };
        return method is null ? null : new FunctionValue(name, method);

        object? Append(Arguments arguments)
        {
            list.Add(arguments.Bind(name, 1, "item")[0]);
            return null;
        }

        object? Extend(Arguments arguments)
        {
            list.AddRange(operators.ToList(arguments.Bind(name, 1, "items")[0]));
            return null;
        }

        object? Insert(Arguments arguments)
        {
            var bound = arguments.Bind(name, 2, "index", "item");
            var index = PythonSemantics.ToInteger(bound[0]);
            budget.Spend(list.Count);
            list.Insert((int)BigInteger.Min(BigInteger.Max(index.Sign < 0 ? index + list.Count : index, 0), list.Count), bound[1]);
            return null;
        }

        object? Pop(Arguments arguments)
        {
            var index = Arguments.Integer(arguments.Bind(name, 0, "index")[0]) ?? -1;
            index += index.Sign < 0 ? list.Count : 0;
            if (index.Sign < 0 || index >= list.Count)
            {
                throw new TemplateFault("there is no item to pop");
            }

            budget.Spend(list.Count);
            var item = list[(int)index];
            list.RemoveAt((int)index);
            return item;
        }

        object? Reverse(Arguments arguments)
        {
            arguments.Bind(name, 0);
            budget.Spend(list.Count);
            list.Reverse();
            return null;
        }

        object? Clear(Arguments arguments)
        {
            arguments.Bind(name, 0);
            list.Clear();
            return null;
        }

        object? Copy(Arguments arguments)
        {
            arguments.Bind(name, 0);
            budget.Spend(list.Count);
            return new List<object?>(list);
        }

        object? Index(Arguments arguments)
        {
            var wanted = arguments.Bind(name, 1, "item")[0];
            return list.FindIndex(item => operators.Equal(item, wanted)) is var index and >= 0
                ? new BigInteger(index)
                : throw new TemplateFault("the list does not hold the item that 'index' looks for");
        }
    }

    /// <summary>A method, or null when there is none of the name.</summary>
    public static FunctionValue? Find(TemplateDictionary dictionary, string name)
    {
        Func<Arguments, object?>? method = name switch
        {
            "get" => Get,
            "items" => arguments => View(arguments, DictionaryViewKind.Items),
            "keys" => arguments => View(arguments, DictionaryViewKind.Keys),
            "values" => arguments => View(arguments, DictionaryViewKind.Values),
            "copy" => Copy,
            "pop" => Pop,
            "setdefault" => SetDefault,
            "update" => Update,
            "clear" => Clear,
            _ => null,
        };
        return method is null ? null : new FunctionValue(name, method);

        object? Get(Arguments arguments)
        {
            var bound = arguments.Bind(name, 1, "key", "default");
            return dictionary.TryGet(bound[0], out var value) ? value : Given(bound[1]);
        }

        object? Copy(Arguments arguments)
        {
            arguments.Bind(name, 0);
            return dictionary.Copy();
        }

        object? Pop(Arguments arguments)
        {
            var bound = arguments.Bind(name, 1, "key", "default");
            return dictionary.Remove(bound[0], out var value) ? value
                : bound[1] != Arguments.Absent ? bound[1]
                : throw new TemplateFault("the dict does not hold the key that 'pop' takes out");
        }

        object? SetDefault(Arguments arguments)
        {
            var bound = arguments.Bind(name, 1, "key", "default");
            if (!dictionary.TryGet(bound[0], out var value))
            {
                value = Given(bound[1]);
                dictionary.Set(bound[0], value);
            }

            return value;
        }

        object? Update(Arguments arguments)
        {
            foreach (var source in arguments.Positional)
            {
                var changes = source as TemplateDictionary ?? throw new TemplateFault("'update' takes a dict");
                foreach (var (key, value) in changes.Items.ToArray())
                {
                    dictionary.Set(key, value);
                }
            }

            foreach (var (key, value) in arguments.Named)
            {
                dictionary.Set(TrackedText.Literal(key), value);
            }

            return null;
        }

        object? Clear(Arguments arguments)
        {
            arguments.Bind(name, 0);
            dictionary.Clear();
            return null;
        }

        DictionaryView View(Arguments arguments, DictionaryViewKind kind)
        {
            arguments.Bind(name, 0);
            return new DictionaryView(dictionary, kind);
        }
    }

    static object? Given(object? value) => value == Arguments.Absent ? null : value;
}
