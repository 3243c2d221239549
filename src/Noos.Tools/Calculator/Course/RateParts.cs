using Noos.Courses.Lessons;

namespace Noos.Tools.Calculator.Course;

/// <summary>
/// Questions about so much per hour, each day, every week: put together from who does what, the ways to say a rate, and what is asked for.
/// </summary>
static class RateParts
{
    static readonly (string Verb, string Unit, string Time, string Question)[] s_deeds =
    [
        ("drives", "km", "hour", "How far does {n} drive"), ("drives", "kilometres", "hour", "How far does {n} get"),
        ("walks", "kilometres", "hour", "How far does {n} walk"), ("rides", "miles", "day", "How far does {n} ride"),
        ("reads", "pages", "day", "How many pages does {n} read"), ("reads", "books", "month", "How many books does {n} read"),
        ("earns", "dollars", "hour", "How much does {n} earn"), ("earns", "euros", "week", "How much does {n} earn"),
        ("types", "words", "minute", "How many words does {n} type"), ("makes", "cups", "day", "How many cups does {n} make"),
        ("plants", "trees", "day", "How many trees does {n} plant"), ("sells", "tickets", "week", "How many tickets does {n} sell"),
        ("saves", "dollars", "month", "How much does {n} save"), ("drinks", "glasses of water", "day", "How many glasses does {n} drink"),
        ("bakes", "loaves", "morning", "How many loaves does {n} bake"), ("runs", "miles", "week", "How far does {n} run"),
        ("paints", "pictures", "month", "How many pictures does {n} paint"), ("washes", "cars", "hour", "How many cars does {n} wash"),
        ("writes", "letters", "week", "How many letters does {n} write"), ("spends", "dollars", "day", "How much does {n} spend"),
        ("swims", "laps", "day", "How many laps does {n} swim"), ("learns", "words", "day", "How many words does {n} learn"),
        ("picks", "apples", "hour", "How many apples does {n} pick"), ("packs", "boxes", "minute", "How many boxes does {n} pack"),
        ("gets", "messages", "hour", "How many messages does {n} get"), ("eats", "eggs", "week", "How many eggs does {n} eat"),
        ("uses", "litres of water", "day", "How many litres does {n} use"),
        ("delivers", "parcels", "day", "How many parcels does {n} deliver"),
    ];

    static readonly string[] s_rates =
    [
        "{n} {verb} {a} {unit} per {time}", "{n} {verb} {a} {unit} every {time}", "{n} {verb} {a} {unit} each {time}",
        "{n} {verb} {a} {unit} a {time}", "every {time} {n} {verb} {a} {unit}", "each {time} {n} {verb} {a} {unit}",
        "{n} {verb} {a} {unit} in one {time}", "in a {time} {n} {verb} {a} {unit}",
    ];

    static readonly string[] s_totals =
    [
        "{rate}. {question} in {b} {time}s?", "{rate}. How many {unit} is that in {b} {time}s?", "If {rate}, {questionLow} in {b} {time}s?",
        "{rate}. What does that make in {b} {time}s?", "{rate}. After {b} {time}s, how many {unit} is that?",
        "{rate}, for {b} {time}s. How many {unit} in all?",
        "{rate}. How many {unit} in {b} {time}s?", "{question} in {b} {time}s, when {rateLow}?",
    ];

    // Short, as people type.
    static readonly string[] s_notes =
    [
        "{a} {unit} every {time}, {b} {time}s. How much?", "{a} {unit} per {time}, {b} {time}s: how many {unit}?",
        "{a} {unit} a {time} for {b} {time}s?",
        "{b} {time}s with {a} {unit} each {time}, what is the total?", "{a} {unit} every {time}. {b} {time}s?",
        "{b} {time}s, {a} {unit} every {time}. total?",
    ];

    static readonly string[] s_perTime =
    [
        "{n} {verb} {a} {unit} in {b} {time}s. How many {unit} is that per {time}?",
        "In {b} {time}s {n} {verb} {a} {unit}. How many {unit} a {time} is that?",
        "{n} {verb} {a} {unit} in {b} {time}s, the same every {time}. How many {unit} each {time}?",
    ];

    static readonly string[] s_times =
    [
        "{n} {verb} {b} {unit} a {time}. How many {time}s does {n} need for {a} {unit}?",
        "{n} {verb} {b} {unit} every {time}. After how many {time}s are it {a} {unit}?",
        "At {b} {unit} per {time}, how many {time}s do {a} {unit} take?",
    ];

    /// <summary>A template that no list holds.</summary>
    public static ProblemTemplate Compose(Draw draw)
    {
        var (verb, unit, time, question) = draw.Pick(s_deeds);
        var (template, shape, expression, sentence) = draw.Index(0, 99) switch
        {
            < 55 => (draw.Pick(s_totals), Shape.Times, draw.Chance(0.5) ? "{a}*{b}" : "{b}*{a}", "That is {r} {unit}."),
            < 72 => (draw.Pick(s_notes), Shape.Times, "{a}*{b}", "That is {r} {unit}."),
            < 86 => (draw.Pick(s_perTime), Shape.Share, "{a}/{b}", "That is {r} {unit} per {time}."),
            _ => (draw.Pick(s_times), Shape.Share, "{a}/{b}", "It takes {r} {time}s."),
        };
        var rate = draw.Pick(s_rates);
        var text = template
            .Replace("{rate}", rate).Replace("{rateLow}", rate).Replace("{question}", question)
            .Replace("{questionLow}", char.ToLowerInvariant(question[0]) + question[1..]);
        return new ProblemTemplate(shape, Sentences.Capitalize(Complete(text)), expression, Complete(sentence));

        string Complete(string value) => value.Replace("{verb}", verb).Replace("{unit}", unit).Replace("{time}", time)
            .Replace(" a hour", " an hour", StringComparison.Ordinal);
    }
}
