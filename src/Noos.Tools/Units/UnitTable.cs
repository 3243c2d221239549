using System.Numerics;
using Noos.Tools.Calculator;

namespace Noos.Tools.Units;

/// <summary>
/// All units by their names and symbols, each defined by others as the standards do: SI, the international yard and pound of 1959, the US
/// gallon of 231 cubic inches, the imperial gallon of 1985, the thermochemical calorie, the mean Gregorian year. Exact, but for what has pi
/// in it.
/// </summary>
static class UnitTable
{
    // Names are singular; symbols, which have no plural and whose case counts, stand behind the bar. A star: SI prefixes may stand before.
    static readonly (string Names, string Definition)[] s_units =
    [
        ("inch,inche | in,\"", "2.54 cm"), ("foot,feet | ft,'", "12 in"), ("yard | yd", "3 ft"), ("mile | mi", "5280 ft"),
        ("nautical mile,sea mile | nmi,NM", "1852 m"), ("league", "3 mi"), ("furlong", "660 ft"), ("chain", "66 ft"), ("fathom", "6 ft"),
        ("hand", "4 in"), ("thou,mil", "0.001 in"), ("angstrom | Å", "0.0000000001 m"), ("micron", "0.000001 m"),
        ("astronomical unit | au,AU", "149597870700 m"), ("light year,lightyear,light-year | ly", "9460730472580800 m"),
        ("light second,light-second", "299792458 m"), ("parsec | *pc", "(648000/pi) au"),
        ("tonne,metric ton | *t", "1000 kg"), ("pound | lb,lbs,#", "0.45359237 kg"), ("ounce | oz", "(1/16) lb"), ("dram", "(1/16) oz"),
        ("stone,stones | st", "14 lb"), ("short ton,ton,us ton", "2000 lb"), ("long ton,imperial ton,uk ton", "2240 lb"),
        ("hundredweight,short hundredweight | cwt", "100 lb"), ("grain | gr", "64.79891 mg"), ("troy ounce | ozt,oz t", "31.1034768 g"),
        ("carat | ct", "0.2 g"),
        ("*liter,*litre | *L,*l,*ℓ", "0.001 m^3"), ("gallon,us gallon | gal", "231 in^3"), ("quart,us quart | qt", "(1/4) gal"),
        ("pint,us pint | pt", "(1/8) gal"), ("cup,us cup", "(1/16) gal"), ("gill", "(1/32) gal"),
        ("fluid ounce,us fluid ounce,liquid ounce | fl oz,floz,fl.oz,us fl oz", "(1/128) gal"),
        ("tablespoon | tbsp,Tbsp,tbs", "(1/256) gal"), ("teaspoon | tsp", "(1/768) gal"), ("barrel,oil barrel | bbl", "42 gal"),
        ("bushel | bu", "2150.42 in^3"), ("imperial gallon,uk gallon,british gallon | imp gal", "4.54609 L"),
        ("imperial quart,uk quart", "(1/4) imperial gallon"), ("imperial pint,uk pint,british pint", "(1/8) imperial gallon"),
        ("imperial fluid ounce,uk fluid ounce | uk fl oz,imp fl oz", "(1/160) imperial gallon"), ("metric cup", "250 mL"),
        (" | cc,ccm", "cm^3"),
        ("hectare | ha", "10000 m^2"), ("acre | ac", "4840 yd^2"), ("are", "100 m^2"), (" | sqm", "m^2"), (" | sqft", "ft^2"),
        ("knot | kn,kt,kts", "nmi/h"), (" | mph", "mi/h"), (" | kph,kmh", "km/h"), ("speed of light", "299792458 m/s"),
        ("*newton | *N", "kg*m/s^2"), ("pound force,pound-force | lbf", "(0.45359237*9.80665) N"), ("kilogram force | kgf,kp", "9.80665 N"),
        ("dyne | dyn", "0.00001 N"),
        ("*pascal | *Pa", "N/m^2"), ("*bar | *bar", "100000 Pa"), ("atmosphere | atm", "101325 Pa"), ("torr | Torr", "(101325/760) Pa"),
        (" | mmHg,mm Hg", "133.322387415 Pa"), (" | inHg,in Hg", "(25.4*133.322387415) Pa"), (" | psi,PSI", "lbf/in^2"),
        ("*joule | *J", "N*m"), ("*calorie | *cal", "4.184 J"), ("food calorie,large calorie | Cal,Calorie,Calories", "4184 J"),
        ("*watt hour,*watt-hour | *Wh", "3600 J"), ("british thermal unit | BTU,Btu,btu", "1055.05585262 J"), ("therm", "100000 BTU"),
        ("*electronvolt,*electron volt | *eV", "(1.602176634/10^19) J"),
        ("foot pound,foot-pound | ft lb,ft-lb", "ft*lbf"), ("erg", "0.0000001 J"), ("ton of tnt", "4184000000 J"),
        ("*watt | *W", "J/s"), ("horsepower | hp,HP", "(550*0.3048*0.45359237*9.80665) W"),
        ("metric horsepower | PS,ps", "(75*9.80665) W"),
        ("*byte,octet | *B", "8 bit"), ("nibble", "4 bit"), (" | *bps", "bit/s"), (" | *Bps", "B/s"),
        ("minute | min", "60 s"), ("hour | h,hr,hrs", "3600 s"), ("day | d", "86400 s"), ("week | wk", "7 d"), ("fortnight", "14 d"),
        ("year | yr,yrs", "365.2425 d"), ("month | mo", "(1/12) year"), ("decade", "10 year"), ("century,centurie", "100 year"),
        ("millennium,millennia", "1000 year"),
        ("*hertz | *Hz", "s^-1"), ("revolution per minute | rpm,RPM", "(1/60) s^-1"),
        ("*radian | *rad", "(180/pi) degree"), ("gradian,gon | grad", "0.9 degree"), ("turn,revolution | rev", "360 degree"),
        ("arcminute,minute of arc | arcmin,′", "(1/60) degree"), ("arcsecond,second of arc | arcsec,″", "(1/3600) degree"),
        (" | mpg,MPG", "mi/gal"), ("imperial mpg,uk mpg", "mi/imperial gallon"),
    ];

    static readonly (string Names, Unit Unit)[] s_base =
    [
        ("*meter,*metre | *m", Base(new Dimension(Length: 1))),
        ("*gram,*gramme | *g", new Unit(Number.From(1, 1000), new Dimension(Mass: 1))),
        ("*second | *s,sec,secs", Base(new Dimension(Time: 1))),
        ("*kelvin | *K", Base(new Dimension(Temperature: 1))),
        ("celsius,degree celsius,degree centigrade,centigrade,degree c | C,°C,℃,deg C", Scale(Number.One, Number.From(27315, 100))),
        ("fahrenheit,degree fahrenheit,degree f | F,°F,℉,deg F", Scale(Number.From(5, 9), Number.From(45967, 100))),
        ("rankine,degree rankine | °R", Scale(Number.From(5, 9), Number.Zero)),
        ("*bit | *b,*bit", Base(new Dimension(Data: 1))),
        ("degree,arc degree | deg,°", Base(new Dimension(Angle: 1))),
    ];

    static readonly (string Name, string Symbol, int Power)[] s_prefixes =
    [
        ("quetta", "Q", 30), ("ronna", "R", 27), ("yotta", "Y", 24), ("zetta", "Z", 21), ("exa", "E", 18), ("peta", "P", 15),
        ("tera", "T", 12), ("giga", "G", 9), ("mega", "M", 6), ("kilo", "k", 3), ("hecto", "h", 2), ("deca", "da", 1), ("deka", "da", 1),
        ("deci", "d", -1), ("centi", "c", -2), ("milli", "m", -3), ("micro", "µ", -6), ("micro", "μ", -6), ("micro", "u", -6),
        ("nano", "n", -9), ("pico", "p", -12), ("femto", "f", -15), ("atto", "a", -18), ("zepto", "z", -21), ("yocto", "y", -24),
    ];

    static readonly (string Name, string Symbol, int Power)[] s_binaryPrefixes =
    [
        ("kibi", "Ki", 10), ("mebi", "Mi", 20), ("gibi", "Gi", 30), ("tebi", "Ti", 40), ("pebi", "Pi", 50), ("exbi", "Ei", 60),
        ("zebi", "Zi", 70), ("yobi", "Yi", 80),
    ];

    static readonly Lazy<Index> s_index = new(() => new Index());

    /// <summary>The unit of a name in singular or plural, or of a symbol, with its prefix; null if there is none.</summary>
    public static Unit? Find(string name) => s_index.Value.FindSymbol(name) ?? s_index.Value.FindName(name)
        // "KM" and "Psi" are what they seem; "mb" is no symbol in this case, but may be one in another: then the table's first.
        ?? s_index.Value.FindSymbolInAnyCase(name);

    static Unit Base(Dimension dimension) => new(Number.One, dimension);

    static Unit Scale(Number factor, Number zero) => new(factor, new Dimension(Temperature: 1)) { Zero = zero };

    sealed class Index
    {
        readonly Dictionary<string, Entry> _symbols = new(StringComparer.Ordinal);
        readonly Dictionary<string, Entry> _names = new(StringComparer.Ordinal);
        readonly Dictionary<string, Entry> _anyCase = new(StringComparer.OrdinalIgnoreCase);

        public Index()
        {
            foreach (var (names, unit) in s_base)
            {
                Add(names, () => unit);
            }

            foreach (var (names, definition) in s_units)
            {
                Add(names, () => UnitParser.ParseDefinition(definition));
            }
        }

        public Unit? FindSymbol(string symbol)
        {
            if (_symbols.TryGetValue(symbol, out var direct))
            {
                return direct.Unit;
            }

            foreach (var (_, prefix, power) in s_prefixes)
            {
                if (Prefixed(symbol, prefix) is { } unit)
                {
                    return unit.Unit with { Factor = unit.Unit.Factor * Power(10, power) };
                }
            }

            foreach (var (_, prefix, power) in s_binaryPrefixes)
            {
                if (Prefixed(symbol, prefix) is { Unit.Dimension.Data: not 0 } unit)
                {
                    return unit.Unit with { Factor = unit.Unit.Factor * Power(2, power) };
                }
            }

            // Everybody writes KB.
            return Prefixed(symbol, "K") is { Unit.Dimension.Data: not 0 } data
                ? data.Unit with { Factor = data.Unit.Factor * Power(10, 3) }
                : null;

            Entry? Prefixed(string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal)
                && _symbols.TryGetValue(text[prefix.Length..], out var found) && found.TakesPrefix ? found : null;
        }

        public Unit? FindName(string name)
        {
            name = name.ToLowerInvariant();
            foreach (var single in Singulars(name))
            {
                if (_names.TryGetValue(single, out var direct))
                {
                    return direct.Unit;
                }

                foreach (var (prefix, power, radix) in s_prefixes.Select(one => (one.Name, one.Power, 10))
                    .Concat(s_binaryPrefixes.Select(one => (one.Name, one.Power, 2))))
                {
                    if (single.StartsWith(prefix, StringComparison.Ordinal)
                        && _names.TryGetValue(single[prefix.Length..].TrimStart('-', ' '), out var found) && found.TakesPrefix)
                    {
                        return found.Unit with { Factor = found.Unit.Factor * Power(radix, power) };
                    }
                }
            }

            return null;
        }

        public Unit? FindSymbolInAnyCase(string symbol)
        {
            if (_anyCase.TryGetValue(symbol, out var direct))
            {
                return direct.Unit;
            }

            foreach (var (_, prefix, power) in s_prefixes)
            {
                // Not m, M and the like, where the case tells the size.
                if (prefix is "k" or "c" or "n" or "G" or "T" && symbol.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                    && _anyCase.TryGetValue(symbol[prefix.Length..], out var found) && found.TakesPrefix)
                {
                    return found.Unit with { Factor = found.Unit.Factor * Power(10, power) };
                }
            }

            return null;
        }

        // The plural of a phrase is that of its first or last word: "degrees celsius", "pounds force", "cubic feet".
        static IEnumerable<string> Singulars(string name)
        {
            yield return name;
            if (name.EndsWith('s'))
            {
                yield return name[..^1];
            }

            if (name.IndexOf("s ", StringComparison.Ordinal) is > 0 and var first)
            {
                yield return name.Remove(first, 1);
            }
        }

        void Add(string names, Func<Unit> make)
        {
            var unit = new Lazy<Unit>(make);
            var halves = names.Split('|', StringSplitOptions.TrimEntries);
            foreach (var name in halves[0].Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                _names[name.TrimStart('*')] = new Entry(unit, name.StartsWith('*'));
            }

            foreach (var symbol in halves.Length < 2 ? [] : halves[1].Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                var entry = new Entry(unit, symbol.StartsWith('*'));
                _symbols[symbol.TrimStart('*')] = entry;
                _anyCase.TryAdd(symbol.TrimStart('*'), entry);
            }
        }

        static Number Power(int radix, int power) => power < 0
            ? Number.From(1, BigInteger.Pow(radix, -power))
            : Number.From(BigInteger.Pow(radix, power));
    }

    sealed record Entry(Lazy<Unit> Lazy, bool TakesPrefix)
    {
        public Unit Unit => Lazy.Value;
    }
}
