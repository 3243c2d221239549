using Noos.Core.Tools;
using Noos.Tools.Calculator;

namespace Noos.Tools.Units;

/// <summary>Converts quantities into other units.</summary>
static class UnitConverter
{
    /// <summary>
    /// The amount in the target, shown as "8.04672 km"; of several units, such as "ft and in", whole ones but for the last.
    /// </summary>
    /// <exception cref="ToolException">One is no amount or unit, or they measure different things.</exception>
    public static string Convert(string source, string target)
    {
        var quantity = Quantity.Parse(source);
        var names = target.Split(" and ", StringSplitOptions.TrimEntries);
        Unit[] units = [.. names.Select(UnitParser.Parse)];
        quantity = Turned(quantity, units[0].Dimension);
        if (Array.Find(units, unit => unit.Dimension != quantity.Dimension) is { Factor.IsZero: false } other)
        {
            throw new ToolException(
                $"\"{source.Trim()}\" is {Name(quantity.Dimension)} and \"{target.Trim()}\" {Name(other.Dimension)}; "
                + "only the same kind of quantity can be converted.");
        }

        if (quantity.Dimension == new Dimension(Temperature: 1) && quantity.Base.Sign < 0)
        {
            throw new ToolException("No temperature is below absolute zero, -273.15 °C.");
        }

        var rest = quantity.Base;
        var parts = new List<string>();
        for (var i = 0; i < units.Length; i++)
        {
            var value = (rest / units[i].Factor) - units[i].Zero;
            if (i < units.Length - 1)
            {
                var whole = Number.From(value.Sign < 0 ? -(-value).Floor() : value.Floor());
                rest -= whole * units[i].Factor;
                parts.Add($"{NumberText.Format(whole)} {names[i]}");
                continue;
            }

            parts.Add($"{NumberText.Format(value)} {names[i]}");
        }

        return string.Join(' ', parts);
    }

    /// <summary>Whether both can be read as amount and unit.</summary>
    public static bool CanRead(string source, string target)
    {
        try
        {
            _ = Quantity.Parse(source);
            _ = target.Split(" and ").Select(UnitParser.Parse).ToArray();
            return true;
        }
        catch (ToolException)
        {
            return false;
        }
    }

    /// <summary>Miles per gallon become litres per 100 km, seconds hertz: one is the other turned over.</summary>
    static Quantity Turned(Quantity quantity, Dimension target) =>
        quantity.Dimension != target && quantity.Dimension * -1 == target && !quantity.Base.IsZero
            ? new Quantity(quantity.Base.Reciprocal(), target)
            : quantity;

    static string Name(Dimension dimension) => dimension.Name ?? "something else";
}
