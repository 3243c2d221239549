namespace Noos.Tools.Calculator.Course;

/// <summary>A kind of everyday sum.</summary>
/// <param name="Name">Of the kind.</param>
/// <param name="Lessons">Wordings of the lessons.</param>
/// <param name="Examination">Wordings of the examination; none of them, or of the sentences in them, is in a lesson.</param>
sealed record SumKind(string Name, IReadOnlyList<ProblemTemplate> Lessons, IReadOnlyList<ProblemTemplate> Examination)
{
    /// <summary>{a} and {b} are drawn without a shape, and results may be negative.</summary>
    public bool IsBelowZero => Name == "below zero";
}

/// <summary>The wordings of <see cref="SumCourse"/>.</summary>
static class SumWordings
{
    public static IReadOnlyList<SumKind> Kinds { get; } =
    [
        new(
            "money",
            [
                new(Shape.Times, "A kilo of {o} costs {a} dollars. I take {b} kilos. What do I pay?", "{a}*{b}", "You pay {r} dollars."),
                new(Shape.Times, "My rent is {a} euros a month. How much is that in {b} months?", "{a}*{b}", "That is {r} euros."),
                new(Shape.Times, "{b} coffees at {a} euros each, how much altogether?", "{b}*{a}", "Altogether {r} euros."),
                new(Shape.Minus, "The bill is {b} dollars. I give {a}. How much do I get back?", "{a}-{b}", "You get {r} dollars back."),
                new(Shape.Minus, "I want a bike for {a} dollars and have saved {b}. What is missing?", "{a}-{b}",
                    "{r} dollars are missing."),
                new(Shape.Free, "Lunch was {a} dollars, the bus {b} and a paper {c}. What did I spend?", "{a}+{b}+{c}",
                    "You spent {r} dollars."),
                new(Shape.Share, "Dinner for {b} cost {a} dollars. What does each of us pay?", "{a}/{b}", "Each pays {r} dollars."),
                new(Shape.Share, "{b} pens cost {a} dollars. What does one pen cost?", "{a}/{b}", "One costs {r} dollars."),
                new(Shape.Change, "I had {c} dollars and bought {b} shirts for {a} dollars each. What is left?", "{c}-{b}*{a}",
                    "{r} dollars are left."),
                new(Shape.Times, "{b} tickets at {a} dollars and one programme at {c} dollars, what is the sum?", "{b}*{a}+{c}",
                    "The sum is {r} dollars."),
                new(Shape.Times, "{n} puts {a} cents into a jar every day. How many cents are in it after {b} days?", "{a}*{b}",
                    "There are {r} cents."),
            ],
            [
                new(Shape.Times, "At the market {n} gets {b} crates, and the seller asks {a} dollars for every crate. Find the price.",
                    "{a}*{b}"),
                new(Shape.Minus, "Out of a budget of {a} dollars {n} has used {b} dollars. What may still be used?", "{a}-{b}"),
                new(Shape.Free, "On her receipt {n} sees {a}, {b} and {c} dollars. What is at the bottom?", "{a}+{b}+{c}"),
                new(Shape.Share, "A present for {a} dollars is paid by {b} friends in equal parts. Give the part of one friend.",
                    "{a}/{b}"),
                new(Shape.Change, "{n} holds {c} dollars; {b} stamps at {a} dollars apiece are bought. What remains in the purse?",
                    "{c}-{b}*{a}"),
            ]),
        new(
            "speed and rates",
            [
                new(Shape.Times, "{a} km every hour for {b} hours, how far is that?", "{a}*{b}", "That is {r} km."),
                new(Shape.Times, "The train does {a} km per hour. How far does it get in {b} hours?", "{a}*{b}", "It gets {r} km far."),
                new(Shape.Times, "A tap gives {a} litres per minute. How many litres in {b} minutes?", "{a}*{b}", "{r} litres."),
                new(Shape.Times, "My heart beats {a} times a minute. How often in {b} minutes?", "{a}*{b}", "It beats {r} times."),
                new(Shape.Share, "We drove {a} km in {b} hours. How fast was that?", "{a}/{b}", "That was {r} km per hour."),
                new(Shape.Share, "{a} pages in {b} days, the same number each day: how many a day?", "{a}/{b}", "{r} pages a day."),
                new(Shape.Share, "I do {b} km an hour. How long for {a} km?", "{a}/{b}", "It takes {r} hours."),
                new(Shape.Times, "{b} workers each lay {a} bricks. How many bricks are laid?", "{b}*{a}", "{r} bricks are laid."),
                new(Shape.Times, "Each of {b} cows gives {a} litres of milk. How much milk is that?", "{b}*{a}", "That is {r} litres."),
                new(Shape.Times, "The printer prints {a} sheets a minute. After {b} minutes, how many sheets are there?", "{a}*{b}",
                    "There are {r} sheets."),
            ],
            [
                new(Shape.Times, "{n}'s ship sails {a} miles with each hour. Tell the distance after {b} hours at sea.", "{a}*{b}"),
                new(Shape.Times, "A baker makes {a} rolls per oven and has {b} ovens. What is his output?", "{a}*{b}"),
                new(Shape.Share, "In {b} hours a snail-slow ferry covers {a} km. Tell its speed.", "{a}/{b}"),
                new(Shape.Share, "A pump moves {b} litres each minute. For {a} litres it works how many minutes?", "{a}/{b}"),
                new(Shape.Times, "Per week {n} learns {a} new verbs; the course lasts {b} weeks. How many verbs in the end?", "{a}*{b}"),
            ]),
        new(
            "comparisons",
            [
                new(Shape.Free, "{n} has {a} {o}. {m} has {b} more. How many has {m}?", "{a}+{b}", "{m} has {r} {o}."),
                new(Shape.Minus, "{n} has {a} {o}. {m} has {b} fewer. How many has {m}?", "{a}-{b}", "{m} has {r} {o}."),
                new(Shape.Times, "{n} has {a} {o} and {m} has {b} times as many. How many has {m}?", "{a}*{b}", "{m} has {r} {o}."),
                new(Shape.Free, "{n} has {a} {o}, {m} twice as many. How many has {m}?", "2*{a}", "{m} has {r} {o}."),
                new(Shape.Share, "{n} has {a} {o}, {m} half as many. How many has {m}?", "{a}/2", "{m} has {r} {o}."),
                new(Shape.Minus, "{n} jumped {a} cm and {m} {b} cm. By how much did {n} win?", "{a}-{b}", "By {r} cm."),
                new(Shape.Minus, "{n} weighs {a} kg, {m} {b} kg. What is the difference?", "{a}-{b}", "The difference is {r} kg."),
                new(Shape.Free, "{n} has {a} {o} and {m} has {b} more than {n}. How many do both have?", "{a}+{a}+{b}",
                    "Both have {r} {o}."),
                new(Shape.Free, "{n} scored {a} points and {m} {b}. What is their average?", "({a}+{b})/2", "Their average is {r}."),
                new(Shape.Share, "One third of {a} {o} are mine. How many is that?", "{a}/3", "That is {r} {o}."),
                new(Shape.Share, "A quarter of the {a} guests went home. How many went home?", "{a}/4", "{r} went home."),
            ],
            [
                new(Shape.Free, "{m} found {b} {o} more than {n}, who found {a}. What did {m} find?", "{a}+{b}"),
                new(Shape.Minus, "{m}'s pile is {b} smaller than the {a} {o} of {n}. How big is it?", "{a}-{b}"),
                new(Shape.Times, "{m} owns {b}-fold what {n} owns, and {n} owns {a} {o}. What does {m} own?", "{a}*{b}"),
                new(Shape.Share, "Only every third of {a} seeds grew. How many grew?", "{a}/3"),
                new(Shape.Minus, "A tower of {a} metres stands beside one of {b} metres. How many metres does it stand out?", "{a}-{b}"),
            ]),
        new(
            "time and dates",
            [
                new(Shape.Free, "I slept {a} minutes at noon and {b} minutes later. How long did I sleep?", "{a}+{b}", "{r} minutes."),
                new(Shape.Minus, "The show has {a} minutes, {b} are over. How long does it still go on?", "{a}-{b}", "{r} minutes."),
                new(Shape.Times, "A lesson takes {a} minutes. How long are {b} lessons?", "{a}*{b}", "They take {r} minutes."),
                new(Shape.Small, "How many days are {a} weeks?", "{a}*7", "That is {r} days."),
                new(Shape.Small, "{a} weeks and {b} days, how many days is that?", "{a}*7+{b}", "That is {r} days."),
                new(Shape.Small, "{a} years and {b} months, how many months is that?", "{a}*12+{b}", "That is {r} months."),
                new(Shape.Small, "{a} hours and {b} minutes are how many minutes?", "{a}*60+{b}", "That is {r} minutes."),
                new(Shape.Years, "Our school opened in {b}. How old is it in {a}?", "{a}-{b}", "It is {r} years old."),
                new(Shape.Years, "The king was born in {b} and crowned in {a}. At what age?", "{a}-{b}", "At {r}."),
                new(Shape.Years, "From {b} until {a}, how many years is that?", "{a}-{b}", "That is {r} years."),
                new(Shape.Minus, "{n} is {a}, her son is {b}. How old was she when he was born?", "{a}-{b}", "She was {r}."),
            ],
            [
                new(Shape.Small, "The journey lasts {a} weeks. Give it in days.", "{a}*7"),
                new(Shape.Small, "Convert to minutes: {a} h {b} min.", "{a}*60+{b}"),
                new(Shape.Years, "A bridge of the year {b} is torn down in {a}. Which age does it reach?", "{a}-{b}"),
                new(Shape.Minus, "Of a {a}-minute test {n} has sat through {b}. Which time remains?", "{a}-{b}"),
                new(Shape.Times, "{b} films, every one of {a} minutes, one after another: total length?", "{a}*{b}"),
            ]),
        new(
            "sizes",
            [
                new(Shape.Times, "My garden is {a} by {b} metres. How big is it?", "{a}*{b}", "It has {r} square metres."),
                new(Shape.Times, "A wall is {a} m wide and {b} m high. How much paper covers it?", "{a}*{b}", "{r} square metres."),
                new(Shape.Times, "A fence goes around a field of {a} by {b} metres. How long is the fence?", "2*({a}+{b})",
                    "It is {r} metres long."),
                new(Shape.Small, "What is the area of a square room with {a} metres on each side?", "{a}^2", "It is {r} square metres."),
                new(Shape.Small, "A cube has edges of {a} cm. How many cubic centimetres is that?", "{a}^3",
                    "That is {r} cubic centimetres."),
                new(Shape.Share, "How many pieces of {b} cm can I cut from {a} cm of ribbon?", "{a}/{b}", "You can cut {r} pieces."),
                new(Shape.Times, "{b} shelves of {a} cm side by side, how wide is that?", "{b}*{a}", "That is {r} cm."),
                new(Shape.Small, "How many eggs do {a} dozen make?", "{a}*12", "They make {r} eggs."),
                new(Shape.Small, "{a} squared and {b} squared, what is the sum?", "{a}^2+{b}^2", "The sum is {r}."),
                new(Shape.Small, "2 to the power of {a} is what?", "2^{a}", "It is {r}."),
                new(Shape.Small, "How much is 10 to the power of {b}?", "10^{b}", "It is {r}."),
            ],
            [
                new(Shape.Times, "Turf is laid on a pitch measuring {a} metres times {b} metres. How many square metres of turf?",
                    "{a}*{b}"),
                new(Shape.Times, "Walk once around a block with the sides {a} and {b} metres. How many metres?", "2*({a}+{b})"),
                new(Shape.Small, "A chess-like board has {a} fields on each side. How many fields in all?", "{a}^2"),
                new(Shape.Small, "The farmer sells {a} dozen. Count the eggs.", "{a}*12"),
                new(Shape.Small, "What number is 2 with the exponent {a}?", "2^{a}"),
            ]),
        new(
            "percent",
            [
                new(Shape.Percent, "Shoes of {a} dollars are reduced by {p}%. What do they cost now?", "{a}-{p}%",
                    "They cost {r} dollars now."),
                new(Shape.Percent, "I get {p}% interest on {a} dollars. How much interest?", "{p}% of {a}", "{r} dollars."),
                new(Shape.Percent, "{p}% of {a} people said yes. How many people?", "{p}% of {a}", "{r} people."),
                new(Shape.Percent, "My pay of {a} euros goes up {p}%. What do I get then?", "{a}+{p}%", "You get {r} euros."),
                new(Shape.Percent, "With {p}% tax on {a} dollars, what is the price?", "{a}+{p}%", "It is {r} dollars."),
                new(Shape.Percent, "How much is {p} per cent of {a} litres?", "{p}% of {a}", "{r} litres."),
                new(Shape.Percent, "A town of {a} people lost {p}% of them. How many live there now?", "{a}-{p}%", "{r} people."),
                new(Shape.Percent, "What is a {p}% discount on {a} dollars worth?", "{p}% of {a}", "{r} dollars."),
            ],
            [
                new(Shape.Percent, "The label says {a} dollars, at the till {p}% are taken off. To pay?", "{a}-{p}%"),
                new(Shape.Percent, "Among {a} trees {p}% are oaks. Number of oaks?", "{p}% of {a}"),
                new(Shape.Percent, "A fee of {a} dollars is raised by {p} percent. The new fee?", "{a}+{p}%"),
            ]),
        new(
            "below zero",
            [
                new(Shape.Free, "What is -{a} + {b}?", "-{a}+{b}"),
                new(Shape.Free, "What is -{a} - {b}?", "-{a}-{b}"),
                new(Shape.Free, "-{a} + {b}", "-{a}+{b}"),
                new(Shape.Free, "-{a}+{b} = ?", "-{a}+{b}"),
                new(Shape.Free, "Calculate -{a} * {b}.", "-{a}*{b}"),
                new(Shape.Free, "How much is minus {a} plus {b}?", "-{a}+{b}"),
                new(Shape.Free, "How much is minus {a} times {b}?", "-{a}*{b}"),
                new(Shape.Free, "What is {a} minus {b}?", "{a}-{b}"),
                new(Shape.Free, "What is {a} + -{b}?", "{a}+-{b}"),
                new(Shape.Free, "What is {a} times minus {b}?", "{a}*-{b}"),
                new(Shape.Free, "It is -{a} degrees and gets {b} degrees warmer. How warm is it?", "-{a}+{b}", "It is {r} degrees."),
                new(Shape.Free, "It was {a} degrees, and it is {b} degrees colder now. What is the temperature?", "{a}-{b}",
                    "It is {r} degrees."),
                new(Shape.Free, "It is minus {a} degrees and falls by {b} degrees. What is it now?", "-{a}-{b}", "It is {r} degrees now."),
                new(Shape.Free, "My account is at -{a} dollars. I pay in {b}. What is on it?", "-{a}+{b}", "There are {r} dollars on it."),
                new(Shape.Free, "A diver is at -{a} metres and goes down {b} more. Where is the diver?", "-{a}-{b}", "At {r} metres."),
            ],
            [
                new(Shape.Free, "Find the value of -{a} + {b}.", "-{a}+{b}"),
                new(Shape.Free, "What do I get when I calculate -{a} - {b}?", "-{a}-{b}"),
                new(Shape.Free, "Negative {a}, increased by {b}: the result?", "-{a}+{b}"),
                new(Shape.Free, "The lake has {a} degrees below zero on top; the sun adds {b} degrees. Read the thermometer.", "-{a}+{b}"),
                new(Shape.Free, "The lift stands at floor -{a} and goes up {b} floors. On which floor does it stop?", "-{a}+{b}"),
            ]),
    ];
}
