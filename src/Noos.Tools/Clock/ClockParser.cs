using System.Globalization;
using Noos.Core.Tools;
using Noos.Tools.Calculator;

namespace Noos.Tools.Clock;

/// <summary>
/// Reads an expression and calculates it.
/// <code>
/// today, now, tomorrow, next Friday, 24 December 2026, 2026-12-24 18:00 Europe/Berlin, Easter 2027     a moment
/// MOMENT + 3 weeks - 1 day, 3 weeks after MOMENT, 5 business days before MOMENT, 2 hours ago             another
/// MOMENT in Tokyo                                                                                       the same elsewhere
/// MOMENT - MOMENT, days until MOMENT, hours from MOMENT to MOMENT                                        a difference
/// weekday of MOMENT, week of MOMENT, day of year MOMENT, leap year 2028, days in February 2028          what a calendar says
/// unix of MOMENT, unix 1700000000                                                                       seconds since 1970
/// </code>
/// A date without a year is one of this year; a time without a date is today's; a time without a zone is the user's.
/// </summary>
sealed class ClockParser
{
    const string Examples = "write for example: today + 3 weeks, 2026-12-24 - today, weekday of 2000-02-29, now in Tokyo";

    // Nobody plans further, and working days are counted one by one.
    const int MaxBusinessDays = 100_000;

    static readonly string[] s_weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    readonly IReadOnlyList<ClockToken> _tokens;
    readonly DateTimeOffset _now;
    readonly TimeZoneInfo _local;
    int _at;

    public ClockParser(IReadOnlyList<ClockToken> tokens, TimeProvider timeProvider)
    {
        _tokens = tokens;
        _local = timeProvider.LocalTimeZone;
        _now = timeProvider.GetUtcNow();
    }

    ClockToken Current => Peek(0);

    Moment Now => Moment.At(_now, _local);

    DateOnly Today => Now.Date;

    public string Evaluate()
    {
        SkipWords("what", "what's", "whats", "which", "is", "the", "how", "many", "much", "number", "of", "tell", "me", "current", "it");
        if (Current.Kind == ClockTokenKind.End)
        {
            throw new ToolException($"There is nothing to calculate; {Examples}.");
        }

        var result = ReadQuestion() ?? ReadExpression();
        // As people ask: "is 2028 a leap year", "how many days until Christmas are there".
        SkipWords("is", "it", "are", "there", "will", "be", "on", "fall", "now");
        return Current.Kind == ClockTokenKind.End
            ? result
            : throw new ToolException($"The clock cannot read \"{Current.Text}\" at this place; {Examples}.");
    }

    /// <summary>The day of a moment, which must be all there is.</summary>
    public DateOnly ReadDay()
    {
        var date = ReadMoment().Date;
        return Current.Kind == ClockTokenKind.End
            ? date
            : throw new ToolException($"The clock cannot read \"{Current.Text}\" at this place; write a date such as 2026-12-24.");
    }

    /// <summary>What a calendar says of a moment; null where the expression is none of these.</summary>
    string? ReadQuestion()
    {
        if (Accept("weekday", "of") || Accept("weekday", "on") || Accept("day", "of", "week") || Accept("day", "of", "the", "week")
            || Accept("weekday", "is") || Accept("day", "is"))
        {
            SkipWords("of", "on", "is", "for");
            return ClockText.Weekday(ReadMoment().Date);
        }

        if (Accept("iso", "week") || Accept("calendar", "week") || Accept("week", "number") || Accept("week", "of"))
        {
            SkipWords("number", "of", "is", "for");
            return ClockText.Week(Current.Kind == ClockTokenKind.End ? Today : ReadMoment().Date);
        }

        if (Accept("day", "of", "year") || Accept("day", "of", "the", "year"))
        {
            SkipWords("of", "is", "for");
            var date = ReadMoment().Date;
            return string.Create(
                CultureInfo.InvariantCulture, $"day {date.DayOfYear} of {(DateTime.IsLeapYear(date.Year) ? 366 : 365)}");
        }

        if (Accept("leap", "year"))
        {
            return LeapYear(ReadYear());
        }

        if (Current.Kind == ClockTokenKind.Number && (IsWords(1, "a", "leap") || IsWords(1, "leap")))
        {
            var year = ReadYear();
            SkipWords("a", "leap", "year");
            return LeapYear(year);
        }

        if (Accept("unix", "of") || Accept("timestamp", "of") || Accept("unix", "time", "of"))
        {
            return ReadMoment().ToInstant(_local).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        }

        if (Accept("unix", "time") || Accept("unix") || Accept("timestamp"))
        {
            return ClockText.Format(Moment.At(
                DateTimeOffset.FromUnixTimeSeconds((long)Take(ClockTokenKind.Number, "the seconds since 1970").Number), TimeZoneInfo.Utc));
        }

        return ReadDaysIn() ?? ReadDifferenceIn();
    }

    static string LeapYear(int year) => string.Create(CultureInfo.InvariantCulture,
        $"{year} is {(DateTime.IsLeapYear(year) ? "a leap year (366 days)" : "not a leap year (365 days)")}");

    string? ReadDaysIn()
    {
        if (!IsWords(0, "days", "in"))
        {
            return null;
        }

        var start = _at;
        _at += 2;
        if (Current.Kind == ClockTokenKind.Month)
        {
            var month = Next().Date;
            return ClockText.Count(DateTime.DaysInMonth(month.Year, month.Month), "day");
        }

        if (Current.Kind == ClockTokenKind.Number && Peek(1).Kind == ClockTokenKind.End)
        {
            return ClockText.Count(DateTime.IsLeapYear(ReadYear()) ? 366 : 365, "day");
        }

        if (MonthOf(Current) is { } named)
        {
            _at++;
            var year = Current.Kind == ClockTokenKind.Number ? ReadYear() : Today.Year;
            return ClockText.Count(DateTime.DaysInMonth(year, named), "day");
        }

        _at = start;
        return null;
    }

    /// <summary>hours from A to B, days until A, business days between A and B, time since A</summary>
    string? ReadDifferenceIn()
    {
        var start = _at;
        var isAny = Accept("time") || Accept("difference");
        var unit = isAny ? null : TryReadUnit();
        if (!isAny && unit is null)
        {
            return null;
        }

        SkipWords("are", "there", "is", "it", "left");
        if (Accept("until") || Accept("till") || Accept("to"))
        {
            return Difference(NowFor(unit), ReadMoment(), unit);
        }

        if (Accept("since"))
        {
            return Difference(ReadMoment(), NowFor(unit), unit);
        }

        if (Accept("between") || Accept("from"))
        {
            var from = ReadMoment();
            if (!Accept("and") && !Accept("to") && !Accept("until") && !Accept("till") && Current.Kind != ClockTokenKind.Minus)
            {
                // "time from now" and the like are no differences.
                _at = start;
                return null;
            }

            if (Current.Kind == ClockTokenKind.Minus)
            {
                _at++;
            }

            return Difference(from, ReadMoment(), unit);
        }

        _at = start;
        return null;
    }

    // Days are counted from today, hours from now.
    Moment NowFor(ClockUnit? unit) => unit is null or { Seconds: > 0 } ? Now : Moment.Day(Today);

    string ReadExpression()
    {
        var left = ReadMoment();
        if (Current.Kind == ClockTokenKind.Minus)
        {
            _at++;
            return Difference(ReadMoment(), left, unit: null);
        }

        if (Accept("until") || Accept("till") || Accept("to") || Accept("through"))
        {
            return Difference(left, ReadMoment(), unit: null);
        }

        return left is { HasTime: false } && left.Date == Today
            ? $"{ClockText.Weekday(left.Date)}, {ClockText.Long(left.Date)} ({ClockText.Iso(left.Date)}, {ClockText.Week(left.Date)})"
            : ClockText.Format(left);
    }

    string Difference(Moment from, Moment to, ClockUnit? unit)
    {
        if (unit is { IsBusiness: true })
        {
            return $"{ClockText.Count(BusinessDays(from.Date, to.Date), "business day")} (Monday to Friday, both days counted)";
        }

        if (!from.HasTime && !to.HasTime && unit is null or { Seconds: 0 })
        {
            return unit is null or { Name: "day" } ? ClockText.Days(from.Date, to.Date)
                : unit.Months > 0 ? Months(from.Date, to.Date, unit)
                : Count(to.Date.DayNumber - from.Date.DayNumber, unit.Days, unit.Name);
        }

        if (unit is { Months: > 0 })
        {
            return Months(from.Date, to.Date, unit);
        }

        var time = to.ToInstant(_local) - from.ToInstant(_local);
        return unit is null
            ? ClockText.Duration(time)
            : Count(time.Ticks, (unit.Seconds + (86400L * unit.Days)) * TimeSpan.TicksPerSecond, unit.Name);
    }

    static string Count(long size, long unit, string name)
    {
        var number = NumberText.Format(Calculator.Number.From(size, unit));
        return $"{number} {name}{(number is "1" or "-1" ? "" : "s")}";
    }

    static string Months(DateOnly from, DateOnly to, ClockUnit unit)
    {
        var (first, last) = from <= to ? (from, to) : (to, from);
        var months = ((last.Year - first.Year) * 12) + last.Month - first.Month;
        if (first.AddMonths(months) > last)
        {
            months--;
        }

        var whole = months / unit.Months;
        var rest = last.DayNumber - first.AddMonths(whole * unit.Months).DayNumber;
        return ClockText.Count(from <= to ? whole : -whole, unit.Name) + (rest == 0 ? "" : $" and {ClockText.Count(rest, "day")}");
    }

    static long BusinessDays(DateOnly from, DateOnly to)
    {
        var (first, last) = from <= to ? (from, to) : (to, from);
        var days = last.DayNumber - first.DayNumber + 1;
        long count = days / 7 * 5;
        for (var day = first.AddDays(days / 7 * 7); day <= last; day = day.AddDays(1))
        {
            count += IsBusinessDay(day) ? 1 : 0;
        }

        return from <= to ? count : -count;
    }

    static bool IsBusinessDay(DateOnly day) => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday);

    /// <summary>A moment with what is added to it, and where it is looked at.</summary>
    Moment ReadMoment()
    {
        SkipWords("the");
        if (Accept("date") && Current.Kind == ClockTokenKind.End)
        {
            return Moment.Day(Today);
        }

        var moment = ReadStart();
        while (true)
        {
            if (Current.Kind is ClockTokenKind.Plus or ClockTokenKind.Minus && Peek(1).Kind == ClockTokenKind.Number
                && UnitAt(2) is not null)
            {
                var isLess = Next().Kind == ClockTokenKind.Minus;
                moment = Add(moment, ReadSpans(), isLess ? -1 : 1);
            }
            else if (Current is { Kind: ClockTokenKind.Word, Text: "in" or "to" } && ZoneAt(_at + 1) is var (zone, words))
            {
                _at += 1 + words;
                moment = In(moment, zone);
            }
            else
            {
                return moment;
            }
        }
    }

    Moment In(Moment moment, TimeZoneInfo zone) => !moment.HasTime && moment.Date == Today && moment.Zone is null
        ? Moment.Day(Moment.At(_now, zone).Date, zone)
        : Moment.At(moment.ToInstant(_local), zone);

    Moment ReadStart()
    {
        var token = Current;
        switch (token.Kind)
        {
            case ClockTokenKind.Date:
                _at++;
                return ReadTimeOf(token.Date);
            case ClockTokenKind.Month:
                _at++;
                return Moment.Day(token.Date);
            case ClockTokenKind.Time:
                return ReadTimeOf(Today);
            case ClockTokenKind.Number when MonthOf(Peek(1)) is { } month || (IsWords(1, "of") && MonthOf(Peek(2)) is not null):
                _at++;
                SkipWords("of");
                return ReadDayOf(MonthOf(Next())!.Value, token);
            case ClockTokenKind.Number when UnitAt(1) is not null:
                return ReadRelative();
            case ClockTokenKind.Word:
                return ReadWord(token);
            default:
                throw new ToolException(token.Kind == ClockTokenKind.End
                    ? $"A date or a time is missing at the end; {Examples}."
                    : $"The clock cannot read \"{token.Text}\" as a date or a time; {Examples}.");
        }
    }

    Moment ReadWord(ClockToken token)
    {
        if (Accept("now") || Accept("time"))
        {
            return Now;
        }

        if (Accept("day", "after", "tomorrow"))
        {
            return ReadTimeOf(Today.AddDays(2));
        }

        if (Accept("day", "before", "yesterday"))
        {
            return ReadTimeOf(Today.AddDays(-2));
        }

        if (Accept("today") || Accept("tomorrow") || Accept("yesterday"))
        {
            return ReadTimeOf(Today.AddDays(token.Text switch { "today" => 0, "tomorrow" => 1, _ => -1 }));
        }

        if (Accept("noon") || Accept("midnight"))
        {
            var hour = token.Text == "noon" ? 12 : 0;
            return WithZone(new Moment(Today.ToDateTime(new TimeOnly(hour, 0)), HasTime: true, Zone: null));
        }

        if (Accept("next") || Accept("last") || Accept("previous") || Accept("this") || Accept("coming"))
        {
            return ReadNext(token.Text);
        }

        if (Accept("in"))
        {
            return Add(StartOf(UnitAt(1)), ReadSpans(), 1);
        }

        if (Accept("christmas", "eve"))
        {
            return ReadFeast(year => new DateOnly(year, 12, 24));
        }

        if (Accept("christmas"))
        {
            SkipWords("day");
            return ReadFeast(year => new DateOnly(year, 12, 25));
        }

        if (Accept("new", "year's", "eve"))
        {
            return ReadFeast(year => new DateOnly(year, 12, 31));
        }

        if (Accept("new", "year's", "day") || Accept("new", "year"))
        {
            return ReadFeast(year => new DateOnly(year, 1, 1));
        }

        if (Accept("easter"))
        {
            SkipWords("sunday");
            return ReadFeast(Easter);
        }

        if (MonthOf(token) is { } month)
        {
            _at++;
            if (Current.Kind == ClockTokenKind.Number)
            {
                var number = Next();
                // "December 2026" and "December 24, 2026".
                return number.Number > 31 ? Moment.Day(ClockLexer.Day(Year(number), month, 1, number.Text)) : ReadDayOf(month, number);
            }

            return Moment.Day(new DateOnly(Today.Year, month, 1));
        }

        if (Array.IndexOf(s_weekdays, token.Text) is >= 0 and var weekday)
        {
            _at++;
            return ReadTimeOf(Today.AddDays((weekday - (int)Today.DayOfWeek + 7) % 7));
        }

        throw new ToolException($"The clock does not know \"{token.Text}\"; {Examples}.");
    }

    /// <summary>24 December 2026, of this year where none is given.</summary>
    Moment ReadDayOf(int month, ClockToken day)
    {
        if (day.Number != decimal.Truncate(day.Number) || day.Number is < 1 or > 31)
        {
            throw new ToolException($"There is no day {day.Text} in {ClockText.MonthName(month)}.");
        }

        // A number before a unit is none of a year: "24 December + 2 weeks" has a sign between, "24 December 18:00" a colon.
        var year = Current.Kind == ClockTokenKind.Number && UnitAt(1) is null ? ReadYear() : Today.Year;
        return ReadTimeOf(ClockLexer.Day(year, month, (int)day.Number, $"{day.Text} {ClockText.MonthName(month)} {year}"));
    }

    /// <summary>The time behind a day, or before it, with its zone.</summary>
    Moment ReadTimeOf(DateOnly date)
    {
        var start = _at;
        SkipWords("at");
        if (Current.Kind != ClockTokenKind.Time)
        {
            _at = start;
            return Moment.Day(date);
        }

        var time = Next().Time;
        var moment = WithZone(new Moment(date.ToDateTime(TimeOnly.FromTimeSpan(time)), HasTime: true, Zone: null));
        if (Accept("on") || Current.Kind == ClockTokenKind.Date)
        {
            var day = ReadStart();
            moment = moment with { Local = day.Date.ToDateTime(TimeOnly.FromTimeSpan(time)) };
        }

        return moment;
    }

    Moment WithZone(Moment moment)
    {
        if (Current.Kind == ClockTokenKind.Offset)
        {
            return moment with { Zone = FixedZone(Next().Offset) };
        }

        if (Current.Kind == ClockTokenKind.Word && ZoneAt(_at) is var (zone, words))
        {
            _at += words;
            return moment with { Zone = zone };
        }

        return moment;
    }

    static TimeZoneInfo FixedZone(TimeSpan offset) => offset == TimeSpan.Zero ? TimeZoneInfo.Utc : ZoneNames.Fixed(offset);

    /// <summary>The zone whose name begins at a token, and how many tokens it has: the longest name counts.</summary>
    (TimeZoneInfo Zone, int Words)? ZoneAt(int at)
    {
        var words = 0;
        while (words < ZoneNames.MaxWords && at + words < _tokens.Count && _tokens[at + words].Kind == ClockTokenKind.Word)
        {
            words++;
        }

        if (words > 0 && _tokens[at].Text is "utc" or "gmt" && at + 1 < _tokens.Count && _tokens[at + 1].Kind == ClockTokenKind.Offset)
        {
            return (FixedZone(_tokens[at + 1].Offset), 2);
        }

        for (; words > 0; words--)
        {
            if (ZoneNames.Find(string.Join(' ', Enumerable.Range(at, words).Select(i => _tokens[i].Text))) is { } zone)
            {
                return (zone, words);
            }
        }

        // Behind "to" may stand another moment.
        return at < _tokens.Count && _at < at && _tokens[at].Kind == ClockTokenKind.Word && _tokens[at - 1].Text == "in"
            ? throw new ToolException(
                $"The time zone \"{_tokens[at].Text}\" is not known here; name a large city, or a zone such as Europe/Berlin or UTC+2.")
            : null;
    }

    /// <summary>3 weeks after MOMENT, 2 hours ago</summary>
    Moment ReadRelative()
    {
        var first = UnitAt(1);
        var spans = ReadSpans();
        if (Accept("ago") || Accept("before", "now") || Accept("earlier"))
        {
            return Add(StartOf(first), spans, -1);
        }

        if (Accept("from", "now") || Accept("from", "today") || Accept("later") || Accept("hence"))
        {
            return Add(StartOf(first), spans, 1);
        }

        return Accept("after") || Accept("from") ? Add(ReadMoment(), spans, 1)
            : Accept("before") ? Add(ReadMoment(), spans, -1)
            : throw new ToolException($"From when on do the {first!.Name}s count? Write for example: today + 3 {first.Name}s.");
    }

    // "3 hours ago" is a time, "3 weeks ago" a day.
    Moment StartOf(ClockUnit? unit) => unit is { Seconds: > 0 } ? Now with { Zone = null } : Moment.Day(Today);

    /// <summary>1 year, 2 months and 3 days</summary>
    List<(decimal Count, ClockUnit Unit)> ReadSpans()
    {
        var spans = new List<(decimal, ClockUnit)>();
        do
        {
            var number = Take(ClockTokenKind.Number, "a number");
            spans.Add((number.Number, TryReadUnit() ?? throw new ToolException(
                $"A unit is missing behind {number.Text}; write for example: today + {number.Text} days.")));
            if (IsWords(0, "and") && Peek(1).Kind == ClockTokenKind.Number)
            {
                _at++;
            }
        }
        while (Current.Kind == ClockTokenKind.Number && UnitAt(1) is not null);
        return spans;
    }

    Moment Add(Moment moment, List<(decimal Count, ClockUnit Unit)> spans, int sign)
    {
        foreach (var (count, unit) in spans)
        {
            if (unit.Seconds > 0)
            {
                moment = moment.AddElapsed(TimeSpan.FromTicks((long)(sign * count * unit.Seconds * TimeSpan.TicksPerSecond)), _local);
            }
            else if (count != decimal.Truncate(count) || count > int.MaxValue)
            {
                throw new ToolException($"Only whole {unit.Name}s can be added to a date; write {count} {unit.Name}s in smaller units.");
            }
            else if (unit.IsBusiness)
            {
                moment = AddBusinessDays(moment, sign * (int)count);
            }
            else
            {
                moment = moment.AddCalendar(0, checked(sign * (int)count * unit.Months), sign * (long)count * unit.Days);
            }
        }

        return moment;
    }

    static Moment AddBusinessDays(Moment moment, int count)
    {
        if (Math.Abs(count) > MaxBusinessDays)
        {
            throw new ToolException($"At most {MaxBusinessDays} business days can be added.");
        }

        for (var left = Math.Abs(count); left > 0;)
        {
            moment = moment.AddCalendar(0, 0, Math.Sign(count));
            left -= IsBusinessDay(moment.Date) ? 1 : 0;
        }

        return moment;
    }

    /// <summary>next Friday [after MOMENT], last month</summary>
    Moment ReadNext(string which)
    {
        var token = Next();
        var sign = which is "last" or "previous" ? -1 : which == "this" ? 0 : 1;
        if (Array.IndexOf(s_weekdays, token.Text) is >= 0 and var weekday)
        {
            var from = Accept("after") || Accept("before") || Accept("from") ? ReadMoment().Date : Today;
            var ahead = (weekday - (int)from.DayOfWeek + 7) % 7;
            return ReadTimeOf(from.AddDays(sign switch
            {
                0 => ahead,
                > 0 => ahead == 0 ? 7 : ahead,
                _ => ahead == 0 ? -7 : ahead - 7,
            }));
        }

        return token.Kind == ClockTokenKind.Word && ClockUnit.Find(token.Text) is { Seconds: 0, IsBusiness: false } unit
            ? Moment.Day(Today).AddCalendar(0, sign * unit.Months, sign * unit.Days)
            : throw new ToolException($"The clock does not know \"{which} {token.Text}\"; write a weekday, week, month or year behind it.");
    }

    Moment ReadFeast(Func<int, DateOnly> day)
    {
        SkipWords("of", "in");
        return ReadTimeOf(day(Current.Kind == ClockTokenKind.Number && UnitAt(1) is null ? ReadYear() : Today.Year));
    }

    /// <summary>Easter Sunday of the western churches (the anonymous Gregorian computus).</summary>
    static DateOnly Easter(int year)
    {
        var (a, b, c) = (year % 19, year / 100, year % 100);
        var epact = ((19 * a) + b - (b / 4) - ((b - ((b + 8) / 25) + 1) / 3) + 15) % 30;
        var weekday = (32 + (2 * (b % 4)) + (2 * (c / 4)) - epact - (c % 4)) % 7;
        var correction = (a + (11 * epact) + (22 * weekday)) / 451;
        var days = epact + weekday - (7 * correction) + 114;
        return new DateOnly(year, days / 31, (days % 31) + 1);
    }

    int ReadYear() => Year(Take(ClockTokenKind.Number, "a year"));

    static int Year(ClockToken number) => number.Number is >= 1 and <= 9999 && number.Number == decimal.Truncate(number.Number)
        ? (int)number.Number
        : throw new ToolException($"\"{number.Text}\" is no year from 1 to 9999.");

    ClockUnit? TryReadUnit()
    {
        if ((IsWords(0, "business") || IsWords(0, "working") || IsWords(0, "work")) && Peek(1).Text is "day" or "days")
        {
            _at += 2;
            return ClockUnit.BusinessDay;
        }

        if (UnitAt(0) is { } unit)
        {
            _at++;
            return unit;
        }

        return null;
    }

    ClockUnit? UnitAt(int ahead) => Peek(ahead) is not { Kind: ClockTokenKind.Word } word ? null
        : word.Text is "business" or "working" or "work" && Peek(ahead + 1).Text is "day" or "days" ? ClockUnit.BusinessDay
        : ClockUnit.Find(word.Text);

    static int? MonthOf(ClockToken token)
    {
        if (token.Kind != ClockTokenKind.Word || token.Text.Length < 3)
        {
            return null;
        }

        for (var month = 1; month <= 12; month++)
        {
            var name = ClockText.MonthName(month).ToLowerInvariant();
            if (name == token.Text || name[..3] == token.Text || (month == 9 && token.Text == "sept"))
            {
                return month;
            }
        }

        return null;
    }

    ClockToken Peek(int ahead) => _at + ahead < _tokens.Count ? _tokens[_at + ahead] : new ClockToken(ClockTokenKind.End, "");

    ClockToken Next()
    {
        var token = Current;
        _at++;
        return token;
    }

    ClockToken Take(ClockTokenKind kind, string what) => Current.Kind == kind
        ? Next()
        : throw new ToolException(Current.Kind == ClockTokenKind.End
            ? $"The expression ends where {what} is missing; {Examples}."
            : $"There is \"{Current.Text}\" where {what} is missing; {Examples}.");

    bool IsWords(int ahead, params ReadOnlySpan<string> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (Peek(ahead + i) is not { Kind: ClockTokenKind.Word } word || word.Text != words[i])
            {
                return false;
            }
        }

        return true;
    }

    bool Accept(params ReadOnlySpan<string> words)
    {
        if (!IsWords(0, words))
        {
            return false;
        }

        _at += words.Length;
        return true;
    }

    void SkipWords(params ReadOnlySpan<string> words)
    {
        while (Current.Kind == ClockTokenKind.Word && words.Contains(Current.Text))
        {
            _at++;
        }
    }
}
