using System.Collections.Frozen;
using System.Numerics;
using Noos.Core.Tools;

namespace Noos.Tools.Calculator;

/// <summary>
/// Computes the value of an <see cref="Expression"/>. Work is bounded: sizes are estimated before anything large is computed.
/// </summary>
static class Evaluator
{
    const int MaximumArguments = 100;
    static readonly Number s_percent = Number.From(1, 100);

    delegate Number Function(IReadOnlyList<Number> arguments);

    sealed record Definition(int Minimum, int Maximum, Function Apply);

    static readonly FrozenDictionary<string, Definition> s_functions = new Dictionary<string, Definition>
    {
        ["sqrt"] = Unary(value => Roots.Root(value, 2)),
        ["cbrt"] = Unary(value => Roots.Root(value, 3)),
        ["root"] = new(2, 2, arguments => Roots.Root(arguments[0], Integer("root", arguments[1]))),
        ["pow"] = new(2, 2, arguments => Roots.Power(arguments[0], arguments[1])),
        ["abs"] = Unary(value => value.Abs()),
        ["floor"] = Unary(value => Number.From(value.Floor())),
        ["ceil"] = Unary(value => Number.From(-(-value).Floor())),
        ["round"] = new(1, 2, arguments => Round(arguments[0], arguments.Count == 2 ? Integer("round", arguments[1]) : 0)),
        ["min"] = new(1, MaximumArguments, arguments =>
            arguments.Aggregate((left, right) => Number.Compare(left, right) <= 0 ? left : right)),
        ["max"] = new(1, MaximumArguments, arguments =>
            arguments.Aggregate((left, right) => Number.Compare(left, right) >= 0 ? left : right)),
        ["sum"] = new(1, MaximumArguments, arguments => arguments.Aggregate((left, right) => left + right)),
        ["mean"] = new(1, MaximumArguments, arguments => arguments.Aggregate((left, right) => left + right) / Number.From(arguments.Count)),
        ["gcd"] = new(1, MaximumArguments, arguments => arguments.Aggregate(Number.Zero, (left, right) => Gcd(left, right))),
        ["lcm"] = new(1, MaximumArguments, arguments => arguments.Aggregate(Number.One, Lcm)),
        ["mod"] = new(2, 2, arguments => Remainder(arguments[0], arguments[1])),
        ["factorial"] = Unary(Factorial),
        ["sin"] = Unary(Transcendentals.Sin),
        ["cos"] = Unary(Transcendentals.Cos),
        ["tan"] = Unary(value => Divide(Transcendentals.Sin(value), Transcendentals.Cos(value), "The tangent is not defined there.")),
        ["asin"] = Unary(Transcendentals.Asin),
        ["acos"] = Unary(Transcendentals.Acos),
        ["atan"] = Unary(Transcendentals.Atan),
        ["exp"] = Unary(Transcendentals.Exp),
        ["ln"] = Unary(Transcendentals.Ln),
        ["log"] = new(1, 2, arguments => Logarithm(arguments[0], arguments.Count == 2 ? arguments[1] : Number.From(10))),
        ["log2"] = Unary(value => Logarithm(value, Number.From(2))),
        ["log10"] = Unary(value => Logarithm(value, Number.From(10))),
    }.ToFrozenDictionary();

    static readonly FrozenDictionary<string, string> s_synonyms = new Dictionary<string, string>
    {
        ["arcsin"] = "asin",
        ["arccos"] = "acos",
        ["arctan"] = "atan",
        ["ceiling"] = "ceil",
        ["average"] = "mean",
        ["avg"] = "mean",
        ["lg"] = "log10",
    }.ToFrozenDictionary();

    public static bool IsFunction(string name) => s_functions.ContainsKey(Canonical(name));

    public static bool TryGetConstant(string name, out Number value)
    {
        value = name switch
        {
            "pi" => Transcendentals.Pi,
            "tau" => Transcendentals.Pi * Number.From(2),
            "e" => Transcendentals.Exp(Number.One),
            _ => default,
        };
        return name is "pi" or "tau" or "e";
    }

    /// <exception cref="ToolException">The function does not take that many arguments.</exception>
    public static void CheckArguments(string name, int count)
    {
        var definition = s_functions[Canonical(name)];
        if (count >= definition.Minimum && count <= definition.Maximum)
        {
            return;
        }

        var expected = definition.Minimum == definition.Maximum ? $"{definition.Minimum}" : $"{definition.Minimum} to {definition.Maximum}";
        throw new ToolException($"{name} takes {expected} argument{(expected == "1" ? "" : "s")}, not {count}.");
    }

    public static bool Compare(Comparison comparison)
    {
        var order = Number.Compare(Evaluate(comparison.Left), Evaluate(comparison.Right));
        return comparison.Operator switch
        {
            "<" => order < 0,
            "<=" => order <= 0,
            "=" => order == 0,
            "!=" => order != 0,
            ">=" => order >= 0,
            _ => order > 0,
        };
    }

    public static Number Evaluate(Expression expression) => expression switch
    {
        Literal literal => literal.Value,
        Negation negation => -Evaluate(negation.Operand),
        Percentage percentage => Evaluate(percentage.Operand) * s_percent,
        FactorialOf factorial => Factorial(Evaluate(factorial.Operand)),
        Degrees degrees => Evaluate(degrees.Operand) * Transcendentals.Pi / Number.From(180),
        Binary binary => Apply(binary.Operator, Evaluate(binary.Left), Evaluate(binary.Right)),
        FunctionCall call => s_functions[Canonical(call.Name)].Apply([.. call.Arguments.Select(Evaluate)]),
        _ => throw new ToolException("A comparison cannot be part of a larger expression."),
    };

    static Number Apply(char symbol, Number left, Number right) => symbol switch
    {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        '/' => Divide(left, right, "Division by zero is not possible."),
        'm' => Remainder(left, right),
        _ => Roots.Power(left, right),
    };

    static string Canonical(string name) => s_synonyms.GetValueOrDefault(name, name);

    static Definition Unary(Func<Number, Number> apply) => new(1, 1, arguments => apply(arguments[0]));

    static Number Divide(Number left, Number right, string refusal) => right.IsZero ? throw new ToolException(refusal) : left / right;

    /// <summary>The remainder of division with the quotient rounded down, so that it has the sign of the divisor.</summary>
    static Number Remainder(Number left, Number right) =>
        left - (right * Number.From(Divide(left, right, "The remainder of a division by zero is not defined.").Floor()));

    static Number Round(Number value, int decimals)
    {
        if (Math.Abs(decimals) > Number.MaximumDigits)
        {
            throw new ToolException($"round can keep at most {Number.MaximumDigits} digits.");
        }

        var multiple = value.RoundToMultiple(decimals);
        var scale = BigInteger.Pow(10, Math.Abs(decimals));
        return decimals >= 0 ? Number.From(multiple, scale) : Number.From(multiple * scale, BigInteger.One);
    }

    static Number Factorial(Number value)
    {
        if (!value.IsInteger || value.Sign < 0)
        {
            throw new ToolException("The factorial is only defined for whole numbers from 0.");
        }

        // Stirling's bound on the length of the result, before any of it is computed.
        var count = value.Numerator > int.MaxValue ? int.MaxValue : (int)value.Numerator;
        Number.CheckBits(count * Math.Log2(Math.Max(1, count / Math.E)));
        var product = BigInteger.One;
        for (var factor = 2; factor <= count; factor++)
        {
            product *= factor;
        }

        return Number.From(product);
    }

    static Number Gcd(Number left, Number right) => Number.From(BigInteger.GreatestCommonDivisor(Whole("gcd", left), Whole("gcd", right)));

    static Number Lcm(Number left, Number right)
    {
        if (Whole("lcm", left).IsZero || Whole("lcm", right).IsZero)
        {
            return Number.Zero;
        }

        return (left / Gcd(left, right) * right).Abs();
    }

    static Number Logarithm(Number value, Number numberBase)
    {
        if (value.Sign <= 0 || numberBase.Sign <= 0 || numberBase == Number.One)
        {
            throw new ToolException("A logarithm needs a number above zero, and a base above zero that is not one.");
        }

        var quotient = Transcendentals.Ln(value) / Transcendentals.Ln(numberBase);
        var nearest = quotient.RoundToMultiple(0);
        var isPower = value.IsExact && numberBase.IsExact && BigInteger.Abs(nearest) <= Number.MaximumDigits * 4
            && Transcendentals.AreClose(quotient, Number.From(nearest))
            && Roots.Power(numberBase, Number.From(nearest)) == value;
        return isPower ? Number.From(nearest) : quotient;
    }

    static BigInteger Whole(string function, Number value) => value.IsInteger
        ? value.Numerator
        : throw new ToolException($"{function} needs whole numbers.");

    static int Integer(string function, Number value) => value.IsInteger && BigInteger.Abs(value.Numerator) <= 1_000_000
        ? (int)value.Numerator
        : throw new ToolException($"The second argument of {function} must be a whole number up to 1000000.");
}
