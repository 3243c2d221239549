using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Noos.Peripherals.Voice.English;

/// <summary>
/// Written English to the words that are spoken: numbers, dates, times, money, units, abbreviations, addresses of the web, signs. Rules
/// are tried in the order in which they stand, the more special first; what they write no later rule reads as a number again.
/// </summary>
static partial class TextNormalizer
{
    const int Timeout = 1000;
    const RegexOptions Options = RegexOptions.ExplicitCapture;
    const string Months = "January|February|March|April|May|June|July|August|September|October|November|December";

    static readonly string[] s_months = Months.Split('|');

    static readonly FrozenDictionary<string, string> s_abbreviations = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Mr"] = "mister",
        ["Mrs"] = "missus",
        ["Ms"] = "miz",
        ["Dr"] = "doctor",
        ["Prof"] = "professor",
        ["Jr"] = "junior",
        ["Sr"] = "senior",
        ["vs"] = "versus",
        ["etc"] = "et cetera",
        ["e.g"] = "for example",
        ["i.e"] = "that is",
        ["approx"] = "approximately",
        ["dept"] = "department",
        ["est"] = "established",
        ["Inc"] = "incorporated",
        ["Ltd"] = "limited",
        ["Corp"] = "corporation",
        ["Co"] = "company",
        ["Ave"] = "avenue",
        ["Blvd"] = "boulevard",
        ["Rd"] = "road",
        ["Mt"] = "mount",
        ["Gen"] = "general",
        ["Gov"] = "governor",
        ["Sen"] = "senator",
        ["Capt"] = "captain",
        ["Lt"] = "lieutenant",
        ["Sgt"] = "sergeant",
        ["Rev"] = "reverend",
        ["vol"] = "volume",
        ["Vol"] = "volume",
        ["fig"] = "figure",
        ["Fig"] = "figure",
        ["No"] = "number",
        ["cf"] = "compare",
        ["Jan"] = "January",
        ["Feb"] = "February",
        ["Mar"] = "March",
        ["Apr"] = "April",
        ["Jun"] = "June",
        ["Jul"] = "July",
        ["Aug"] = "August",
        ["Sep"] = "September",
        ["Sept"] = "September",
        ["Oct"] = "October",
        ["Nov"] = "November",
        ["Dec"] = "December",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // Singular and plural.
    static readonly FrozenDictionary<string, (string One, string Many)> s_units = new Dictionary<string, (string, string)>(
        StringComparer.Ordinal)
    {
        ["km"] = ("kilometer", "kilometers"),
        ["m"] = ("meter", "meters"),
        ["cm"] = ("centimeter", "centimeters"),
        ["mm"] = ("millimeter", "millimeters"),
        ["mi"] = ("mile", "miles"),
        ["ft"] = ("foot", "feet"),
        ["in"] = ("inch", "inches"),
        ["yd"] = ("yard", "yards"),
        ["kg"] = ("kilogram", "kilograms"),
        ["g"] = ("gram", "grams"),
        ["mg"] = ("milligram", "milligrams"),
        ["lb"] = ("pound", "pounds"),
        ["lbs"] = ("pound", "pounds"),
        ["oz"] = ("ounce", "ounces"),
        ["l"] = ("liter", "liters"),
        ["L"] = ("liter", "liters"),
        ["ml"] = ("milliliter", "milliliters"),
        ["s"] = ("second", "seconds"),
        ["sec"] = ("second", "seconds"),
        ["ms"] = ("millisecond", "milliseconds"),
        ["min"] = ("minute", "minutes"),
        ["h"] = ("hour", "hours"),
        ["hr"] = ("hour", "hours"),
        ["hrs"] = ("hour", "hours"),
        ["mph"] = ("mile per hour", "miles per hour"),
        ["km/h"] = ("kilometer per hour", "kilometers per hour"),
        ["m/s"] = ("meter per second", "meters per second"),
        ["Hz"] = ("hertz", "hertz"),
        ["kHz"] = ("kilohertz", "kilohertz"),
        ["MHz"] = ("megahertz", "megahertz"),
        ["GHz"] = ("gigahertz", "gigahertz"),
        ["W"] = ("watt", "watts"),
        ["kW"] = ("kilowatt", "kilowatts"),
        ["kWh"] = ("kilowatt hour", "kilowatt hours"),
        ["V"] = ("volt", "volts"),
        ["KB"] = ("kilobyte", "kilobytes"),
        ["kB"] = ("kilobyte", "kilobytes"),
        ["MB"] = ("megabyte", "megabytes"),
        ["GB"] = ("gigabyte", "gigabytes"),
        ["TB"] = ("terabyte", "terabytes"),
        ["MiB"] = ("mebibyte", "mebibytes"),
        ["GiB"] = ("gibibyte", "gibibytes"),
        ["°C"] = ("degree Celsius", "degrees Celsius"),
        ["°F"] = ("degree Fahrenheit", "degrees Fahrenheit"),
        ["°"] = ("degree", "degrees"),
        ["px"] = ("pixel", "pixels"),
        ["km²"] = ("square kilometer", "square kilometers"),
        ["m²"] = ("square meter", "square meters"),
        ["%"] = ("percent", "percent"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly FrozenDictionary<string, (string One, string Many, string Part)> s_currencies =
        new Dictionary<string, (string, string, string)>(StringComparer.Ordinal)
        {
            ["$"] = ("dollar", "dollars", "cent"),
            ["€"] = ("euro", "euros", "cent"),
            ["£"] = ("pound", "pounds", "penny"),
            ["¥"] = ("yen", "yen", ""),
            ["₹"] = ("rupee", "rupees", "paisa"),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly (Func<Regex> Pattern, MatchEvaluator Spoken)[] s_rules =
    [
        (Address, match => SpellAddress(match.Value)),
        (IsoDate, match => IsDate(match) ? $"{s_months[Number(match, "m") - 1]} {Ordinal(match, "d")}, {Year(match, "y")}" : match.Value),
        (SlashDate, match => IsDate(match) ? $"{s_months[Number(match, "m") - 1]} {Ordinal(match, "d")}, {Year(match, "y")}" : match.Value),
        (DayMonth, match => $"the {Ordinal(match, "d")} of {FullMonth(match.Groups["m"].Value)}"
            + (match.Groups["y"].Success ? $" {Year(match, "y")}" : "")),
        (MonthDay, match => $"{FullMonth(match.Groups["m"].Value)} {Ordinal(match, "d")}"
            + (match.Groups["y"].Success ? $", {Year(match, "y")}" : "")),
        (MonthYear, match => $"{FullMonth(match.Groups["m"].Value)} {Year(match, "y")}"),
        (Clock, SpellTime),
        (Money, SpellMoney),
        (Phone, match => string.Join(", ", match.Value.Split('-', ' ', '(', ')').Where(part => part.Length > 0)
            .Select(part => NumberWords.Digits(part.TrimStart('+'))))),
        (Version, match => string.Join(" point ", match.Value.TrimStart('v', 'V').Split('.').Select(NumberWords.Cardinal))),
        (OrdinalNumber, match => NumberWords.Ordinal(long.Parse(Plain(match.Groups["n"].Value), CultureInfo.InvariantCulture))),
        (Fraction, SpellFraction),
        (Decade, match => DecadeOf(match.Groups["n"].Value)),
        (Unit, match =>
        {
            var (one, many) = s_units[match.Groups["u"].Value];
            return $"{Signed(match)} {(match.Groups["n"].Value == "1" ? one : many)}";
        }),
        (Span, match => $"{match.Groups["a"].Value} to {match.Groups["b"].Value}"),
        (Operator, match => $"{match.Groups["a"].Value} {OperatorWord(match.Groups["o"].Value)} "),
        (Roman, match => $"{match.Groups["w"].Value} {NumberWords.Cardinal(RomanValue(match.Groups["r"].Value))}"),
        (YearNumber, match => NumberWords.Year(int.Parse(match.Value, CultureInfo.InvariantCulture))),
        (AnyNumber, match => $"{Signed(match)} "),
        (Abbreviation, match => s_abbreviations.TryGetValue(match.Groups["a"].Value, out var spoken) ? spoken : match.Value),
    ];

    /// <summary>A sentence in words; punctuation stays, signs become words.</summary>
    public static string Normalize(string sentence)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        var text = Straighten(sentence);
        try
        {
            foreach (var (pattern, spoken) in s_rules)
            {
                text = pattern().Replace(text, spoken);
            }
        }
        catch (RegexMatchTimeoutException)
        {
            // A text that is made to take long is read as it stands.
        }

        return Signs(text);
    }

    /// <summary>Typographic signs as the rules expect them.</summary>
    static string Straighten(string text)
    {
        var straight = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            straight.Append(letter switch
            {
                '’' or '‘' or '`' => "'",
                '“' or '”' or '«' or '»' => "\"",
                '–' => "-",
                '—' => ", ",
                '…' => ".",
                '\u00A0' or '\u202F' => " ",
                '−' => "-",
                '½' => " 1/2",
                '¼' => " 1/4",
                '¾' => " 3/4",
                _ => letter.ToString(),
            });
        }

        return straight.ToString();
    }

    static string Signs(string text)
    {
        var words = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var isInWord = i > 0 && i + 1 < text.Length && char.IsLetter(text[i - 1]) && char.IsLetter(text[i + 1]);
            words.Append(text[i] switch
            {
                '&' => " and ",
                '@' => " at ",
                '%' => " percent ",
                '+' => " plus ",
                '=' => " equals ",
                '×' => " times ",
                '÷' => " divided by ",
                '<' => " less than ",
                '>' => " greater than ",
                '≤' => " at most ",
                '≥' => " at least ",
                '≈' => " about ",
                '→' => " to ",
                '#' => " number ",
                '/' => isInWord ? " or " : " slash ",
                '°' => " degrees ",
                '^' => " to the power of ",
                '(' or ')' or '[' or ']' or '{' or '}' => ", ",
                '-' or '_' or '*' or '|' or '~' or '\\' or '"' => " ",
                _ => text[i].ToString(),
            });
        }

        return words.ToString();
    }

    static string SpellAddress(string address)
    {
        var end = address.AsSpan().TrimEnd(".,;:!?)").Length;
        var (body, rest) = (address[..end], address[end..]);
        var start = body.IndexOf("://", StringComparison.Ordinal);
        body = start >= 0 ? body[(start + 3)..] : body;
        body = body.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? body[4..] : body;
        var query = body.AsSpan().IndexOfAny('?', '#');
        body = (query > 0 ? body[..query] : body).TrimEnd('/');
        var spoken = new StringBuilder(" ");
        foreach (var letter in body)
        {
            spoken.Append(letter switch
            {
                '.' => " dot ",
                '/' => " slash ",
                '@' => " at ",
                '-' => " dash ",
                '_' => " underscore ",
                ':' => " colon ",
                '~' => " tilde ",
                '%' or '=' or '&' or '+' => " ",
                _ => letter.ToString(),
            });
        }

        return spoken + " " + rest;
    }

    static string SpellTime(Match match)
    {
        var (hour, minute) = (Number(match, "h"), Number(match, "m"));
        if (hour > 24 || minute > 59)
        {
            return match.Value;
        }

        var half = match.Groups["half"] is { Success: true, Value: var given } ? $" {char.ToUpperInvariant(given[0])} M" : "";
        return NumberWords.Cardinal(hour)
            + (minute == 0 ? half.Length > 0 ? "" : hour is > 0 and <= 12 ? " o'clock" : " hundred"
                : minute < 10 ? $" oh {NumberWords.Cardinal(minute)}" : " " + NumberWords.Cardinal(minute))
            + half;
    }

    static string SpellMoney(Match match)
    {
        var (one, many, part) = s_currencies[match.Groups["c"].Value];
        var number = Plain(match.Groups["n"].Value);
        if (match.Groups["scale"] is { Success: true, Value: var scale })
        {
            var word = scale switch { "k" or "K" => "thousand", "M" or "m" => "million", "B" or "bn" => "billion", _ => scale };
            return $"{NumberWords.Decimal(number)} {word} {many}";
        }

        var point = number.IndexOf('.');
        var whole = point < 0 ? number : number[..point];
        var spoken = $"{NumberWords.Cardinal(whole)} {(whole == "1" ? one : many)}";
        if (point < 0 || part.Length == 0)
        {
            return spoken;
        }

        if (number.Length - point != 3)
        {
            return $"{NumberWords.Decimal(number)} {many}";
        }

        var cents = int.Parse(number[(point + 1)..], CultureInfo.InvariantCulture);
        var coin = cents == 1 ? part : part switch { "penny" => "pence", "paisa" => "paise", _ => part + "s" };
        return cents == 0 ? spoken
            : whole is "0" or "" ? $"{NumberWords.Cardinal(cents)} {coin}"
            : $"{spoken} and {NumberWords.Cardinal(cents)} {coin}";
    }

    static string SpellFraction(Match match)
    {
        var (above, below) = (Number(match, "a"), Number(match, "b"));
        var part = below switch
        {
            2 => above == 1 ? "half" : "halves",
            4 => above == 1 ? "quarter" : "quarters",
            _ => NumberWords.Ordinal(below) + (above == 1 ? "" : "s"),
        };
        var whole = match.Groups["w"].Success ? NumberWords.Cardinal(Number(match, "w")) + " and " : "";
        return above == 1 && whole.Length > 0
            ? $"{whole}{(below == 2 ? "a" : "one")} {part}" : $"{whole}{NumberWords.Cardinal(above)} {part}";
    }

    static string DecadeOf(string digits)
    {
        var words = digits.Length == 2 ? NumberWords.Cardinal(digits) : NumberWords.Year(int.Parse(digits, CultureInfo.InvariantCulture));
        return words.EndsWith('y') ? words[..^1] + "ies" : words + "s";
    }

    static string OperatorWord(string sign) => sign switch
    {
        "+" => "plus",
        "-" => "minus",
        "*" or "×" or "x" => "times",
        "/" or "÷" => "divided by",
        "=" => "equals",
        "<" => "is less than",
        ">" => "is greater than",
        _ => "to the power of",
    };

    static int RomanValue(string digits)
    {
        var (sum, before) = (0, 0);
        foreach (var digit in digits.Reverse())
        {
            var value = digit switch { 'I' => 1, 'V' => 5, 'X' => 10, 'L' => 50, 'C' => 100, _ => 0 };
            sum += value < before ? -value : value;
            before = Math.Max(before, value);
        }

        return sum;
    }

    static string Signed(Match match) =>
        (match.Groups["s"].Success && match.Groups["s"].Value == "-" ? "minus " : "") + NumberWords.Decimal(Plain(match.Groups["n"].Value));

    static string FullMonth(string name) => Array.Find(s_months, month => month.StartsWith(name[..3], StringComparison.Ordinal)) ?? name;

    static bool IsDate(Match match) => Number(match, "m") is >= 1 and <= 12 && Number(match, "d") is >= 1 and <= 31;

    static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    static string Ordinal(Match match, string group) => NumberWords.Ordinal(Number(match, group));

    static string Year(Match match, string group) => NumberWords.Year(Number(match, group));

    static string Plain(string number) => number.Replace(",", "", StringComparison.Ordinal);

    [GeneratedRegex(@"\b(?:https?://\S+|www\.\S+|[\w.+-]+@[\w-]+(\.[\w-]+)+|[\w-]+(\.[\w-]+)*\.(com|org|net|io|dev|edu|gov|ai)\b(/\S*)?)",
        Options | RegexOptions.IgnoreCase, Timeout)]
    private static partial Regex Address();

    [GeneratedRegex(@"\b(?<y>\d{4})-(?<m>\d{2})-(?<d>\d{2})\b", Options, Timeout)]
    private static partial Regex IsoDate();

    [GeneratedRegex(@"\b(?<m>\d{1,2})/(?<d>\d{1,2})/(?<y>\d{4})\b", Options, Timeout)]
    private static partial Regex SlashDate();

    [GeneratedRegex(@"\b(?<d>[12]?\d|3[01])(st|nd|rd|th)?( of)? (?<m>" + Months + @")\b,?( (?<y>\d{4})\b)?", Options, Timeout)]
    private static partial Regex DayMonth();

    [GeneratedRegex(
        @"\b(?<m>" + Months + @"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.? (?<d>[12]?\d|3[01])(st|nd|rd|th)?\b(?!:)"
        + @"(,? (?<y>\d{4})\b)?",
        Options, Timeout)]
    private static partial Regex MonthDay();

    [GeneratedRegex(@"\b(?<m>" + Months + @"),? (?<y>\d{4})\b", Options, Timeout)]
    private static partial Regex MonthYear();

    [GeneratedRegex(@"\b(?<h>\d{1,2}):(?<m>\d{2})(?![:\d])( ?(?<half>[AaPp])\.?[Mm]\b\.?)?", Options, Timeout)]
    private static partial Regex Clock();

    [GeneratedRegex(
        @"(?<c>[$€£¥₹]) ?(?<n>\d[\d,]*(\.\d+)?)( ?(?<scale>thousand|million|billion|trillion|bn|[kKMmB])\b)?", Options, Timeout)]
    private static partial Regex Money();

    [GeneratedRegex(@"(?<![\d-])(\+\d{1,3} )?(\(\d{3}\) ?|\d{3}-)?\d{3}-\d{4}(?![\d-])", Options, Timeout)]
    private static partial Regex Phone();

    [GeneratedRegex(@"\b[vV]?\d+\.\d+\.\d+(\.\d+)*\b|\b[vV]\d+(\.\d+)?\b", Options, Timeout)]
    private static partial Regex Version();

    [GeneratedRegex(@"\b(?<n>\d{1,3}(,\d{3})*|\d{1,9})(st|nd|rd|th)\b", Options, Timeout)]
    private static partial Regex OrdinalNumber();

    [GeneratedRegex(@"(?<![\d/.])((?<w>\d{1,3}) )?(?<a>\d{1,2})/(?<b>[2-9]|1\d|[2-9]\d|100)(?![\d/])", Options, Timeout)]
    private static partial Regex Fraction();

    [GeneratedRegex(@"(?<![\d'])'?(?<n>(1[1-9]|20)?\d0)'?s\b", Options, Timeout)]
    private static partial Regex Decade();

    [GeneratedRegex(
        @"(?<![\w.])(?<s>-)?(?<n>\d[\d,]*(\.\d+)?) ?(?<u>km/h|km²|kWh|kHz|MHz|GHz|MiB|GiB|mph|min|sec|hrs|lbs|m/s|m²|°C|°F"
        + @"|km|cm|mm|mi|ft|yd|kg|mg|lb|oz|ml|ms|hr|Hz|kW|KB|kB|MB|GB|TB|px|°|%|m|g|l|L|s|h|W|V)(?![\w²])",
        Options, Timeout)]
    private static partial Regex Unit();

    [GeneratedRegex(@"\b(?<a>\d[\d,.]*) ?- ?(?<b>\d[\d,]*(\.\d+)?)\b(?! ?[=+*/])", Options, Timeout)]
    private static partial Regex Span();

    [GeneratedRegex(@"(?<a>\b[\d.,)]+|\b[a-z]\b) ?(?<o>[+*×÷/=<>^x-]) ?(?=-?[\d(]|[a-z]\b)", Options, Timeout)]
    private static partial Regex Operator();

    [GeneratedRegex(
        @"\b(?<w>World War|Chapter|Part|Act|Book|Volume|Section|Phase|Type|Class|Henry|Louis|Charles|George|Edward|James|Philip|Elizabeth"
        + @"|Richard|William|John Paul|Benedict) (?<r>[IVXLC]+)\b", Options, Timeout)]
    private static partial Regex Roman();

    [GeneratedRegex(@"(?<![\w.,$-])(1[1-9]\d\d|20[0-4]\d)(?![\w,]|\.\d)", Options, Timeout)]
    private static partial Regex YearNumber();

    [GeneratedRegex(@"(?<s>(?<![\w)]\s?)-)?(?<n>\d[\d,]*(\.\d+)?|\.\d+)", Options, Timeout)]
    private static partial Regex AnyNumber();

    [GeneratedRegex(@"\b(?<a>[A-Z][a-z]{1,4}|[a-z]{2,6}|e\.g|i\.e)\.(?=\s|$|,)", Options, Timeout)]
    private static partial Regex Abbreviation();
}
