using System.Numerics;
using Noos.Language.Templates.Values;

namespace Noos.Language.Templates.Rendering;

/// <summary>Jinja's tests.</summary>
sealed partial class Filters
{
    public bool IsTrue(string name, object? value, Arguments arguments)
    {
        budget.Spend();
        var sign = name switch
        {
            "==" or "eq" or "equalto" => "==",
            "!=" or "ne" => "!=",
            "<" or "lt" or "lessthan" => "<",
            "<=" or "le" => "<=",
            ">" or "gt" or "greaterthan" => ">",
            ">=" or "ge" => ">=",
            "in" => "in",
            _ => null,
        };
        if (sign is not null)
        {
            return interpreter.Compare(sign, value, arguments.Bind(name, 1, "other")[0]);
        }

        switch (name)
        {
            case "divisibleby":
                return operators.Equal(operators.Modulo(Number(value), Number(arguments.Bind(name, 1, "num")[0])), BigInteger.Zero);
            case "sameas":
                var other = arguments.Bind(name, 1, "other")[0];
                return ReferenceEquals(value, other)
                    || (value?.GetType() == other?.GetType() && value is null or bool or BigInteger && Equals(value, other));
        }

        arguments.Bind(name, 0);
        return name switch
        {
            "defined" => value is not Undefined,
            "undefined" => value is Undefined,
            "none" => value is null,
            "boolean" => value is bool,
            "true" => value is true,
            "false" => value is false,
            "integer" => value is BigInteger,
            "float" => value is double,
            "number" => value is bool or BigInteger or double,
            "string" => value is TrackedText,
            "mapping" => value is TemplateDictionary,
            "sequence" => value is Undefined or TrackedText or List<object?> or object?[] or TemplateDictionary or RangeValue,
            "iterable" => Operators.CanIterate(value),
            "callable" => value is FunctionValue or LoopValue or Undefined,
            "escaped" => value is TrackedText { IsSafe: true },
            "odd" => operators.Equal(operators.Modulo(Number(value), new BigInteger(2)), BigInteger.One),
            "even" => operators.Equal(operators.Modulo(Number(value), new BigInteger(2)), BigInteger.Zero),
            "lower" => TextMethods.IsLower(repr.Str(value)),
            "upper" => TextMethods.IsUpper(repr.Str(value)),
            _ => throw new TemplateFault($"there is no test '{name}'"),
        };

        static object? Number(object? value) => value is bool or BigInteger or double
            ? value
            : throw new TemplateFault($"a number is needed where a value of type {PythonSemantics.TypeName(value)} stands");
    }
}
