using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using Noos.Core.Tools;
using Noos.Tools.Calculator;

namespace Noos.Tools.Tests.Calculator;

/// <summary>The calculator against exact fractions that another implementation computed (Python's fractions module).</summary>
public sealed class CalculatorReferenceTests
{
    const string Reference = """
        import re, sys
        from fractions import Fraction
        for line in sys.stdin:
            line = line.strip()
            try:
                v = eval(re.sub(r'(?<![\d.])(\d+(?:\.\d+)?)', r'Fraction("\1")', line).replace('^', '**'))
                print(f'{v.numerator}/{v.denominator}')
            except ZeroDivisionError:
                print('undefined')
        """;

    [Fact]
    public void Calculator_golden_expressions_agree()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "golden-expressions.tsv"));
        Assert.Equal(200, lines.Length);
        foreach (var line in lines)
        {
            var fields = line.Split('\t');
            AssertAgrees(fields[0], fields[1]);
        }
    }

    [Fact]
    public async Task Calculator_random_expressions_agree_with_Python()
    {
        using var python = new Process();
        python.StartInfo = new ProcessStartInfo("python3")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        python.StartInfo.ArgumentList.Add("-c");
        python.StartInfo.ArgumentList.Add(Reference);
        try
        {
            python.Start();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("python3 is not installed.");
        }

        var random = new Random(20);
        var expressions = Enumerable.Range(0, 1000).Select(_ => Expression(random, random.Next(1, 5))).ToList();
        var answers = python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        foreach (var expression in expressions)
        {
            await python.StandardInput.WriteLineAsync(expression.AsMemory(), TestContext.Current.CancellationToken);
        }

        python.StandardInput.Close();
        var results = (await answers).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expressions.Count, results.Length);
        foreach (var (expression, result) in expressions.Zip(results))
        {
            AssertAgrees(expression, result);
        }
    }

    static string Expression(Random random, int depth)
    {
        if (depth == 0)
        {
            return random.Next(4) == 0
                ? $"{random.Next(1000)}.{random.Next(1000):D3}"
                : random.NextInt64((long)Math.Pow(10, random.Next(1, 16))).ToString();
        }

        return random.Next(8) switch
        {
            0 => $"-({Expression(random, depth - 1)})",
            1 => $"({Expression(random, depth - 1)})^{random.Next(5)}",
            2 or 3 => $"({Expression(random, depth - 1)})",
            _ => Expression(random, depth - 1) + "+-*/"[random.Next(4)] + Expression(random, depth - 1),
        };
    }

    static void AssertAgrees(string expression, string expected)
    {
        if (expected == "undefined")
        {
            Assert.Throws<ToolException>(() => CalculatorTool.Evaluate(expression));
            return;
        }

        var parts = expected.Split('/').Select(part => BigInteger.Parse(part)).ToArray();
        var shown = CalculatorTool.Evaluate(expression);
        var isRounded = shown.StartsWith("about ", StringComparison.Ordinal);
        var (numerator, denominator) = Fraction(isRounded ? shown[6..] : shown);
        var difference = BigInteger.Abs((numerator * parts[1]) - (parts[0] * denominator));
        // Twelve significant digits: at most half a unit of the twelfth away.
        var isRight = isRounded ? difference * 2 * BigInteger.Pow(10, 11) <= BigInteger.Abs(parts[0]) * denominator : difference.IsZero;
        Assert.True(isRight, $"{expression} gave {shown}, but is {expected}");
    }

    static (BigInteger Numerator, BigInteger Denominator) Fraction(string text)
    {
        var exponent = 0;
        if (text.Split('e') is [var mantissa, var power])
        {
            (text, exponent) = (mantissa, int.Parse(power));
        }

        var point = text.IndexOf('.');
        if (point >= 0)
        {
            exponent -= text.Length - point - 1;
        }

        var digits = BigInteger.Parse(text.Replace(".", ""), NumberStyles.AllowLeadingSign);
        return exponent < 0 ? (digits, BigInteger.Pow(10, -exponent)) : (digits * BigInteger.Pow(10, exponent), BigInteger.One);
    }
}
