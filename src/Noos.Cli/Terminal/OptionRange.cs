using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Noos.Cli.Terminal;

/// <summary>Options that take numbers of a range only; another is refused before anything runs.</summary>
static class OptionRange
{
    /// <summary>Refuses less than a number.</summary>
    public static Option<T> AtLeast<T>(this Option<T> option, T min)
        where T : struct, INumber<T>
    {
        option.Validators.Add(result => Check<T, T>(result, option.Name, min, max: null, value => value));
        return option;
    }

    /// <inheritdoc cref="AtLeast{T}(Option{T}, T)"/>
    public static Option<T?> AtLeast<T>(this Option<T?> option, T min)
        where T : struct, INumber<T>
    {
        option.Validators.Add(result => Check<T?, T>(result, option.Name, min, max: null, value => value));
        return option;
    }

    /// <summary>Refuses less than one number and more than another; what is not a number, too.</summary>
    public static Option<T?> Between<T>(this Option<T?> option, T min, T max)
        where T : struct, INumber<T>
    {
        option.Validators.Add(result => Check<T?, T>(result, option.Name, min, max, value => value));
        return option;
    }

    /// <inheritdoc cref="Between{T}(Option{T?}, T, T)"/>
    public static Option<T> Between<T>(this Option<T> option, T min, T max)
        where T : struct, INumber<T>
    {
        option.Validators.Add(result => Check<T, T>(result, option.Name, min, max, value => value));
        return option;
    }

    static void Check<TValue, T>(OptionResult result, string name, T min, T? max, Func<TValue?, T?> toNumber)
        where T : struct, INumber<T>
    {
        // NaN is neither less nor more.
        if (result.TryGetValue<TValue>(out var value) && toNumber(value) is { } number
            && !(number >= min && (max is null || number <= max)))
        {
            result.AddError(max is null
                ? string.Create(CultureInfo.InvariantCulture, $"The value of {name} must be {min} or more.")
                : string.Create(CultureInfo.InvariantCulture, $"The value of {name} must be from {min} to {max}."));
        }
    }
}
