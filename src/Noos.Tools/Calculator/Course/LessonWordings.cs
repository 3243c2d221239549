namespace Noos.Tools.Calculator.Course;

/// <summary>The sentences of the lessons. None of them is in <see cref="ExamPhrases"/>.</summary>
static class LessonWordings
{
    /// <summary>Around a phrase or a formula.</summary>
    public static IReadOnlyList<string> Frames { get; } =
    [
        "What is {q}?", "What is {q}?", "What's {q}?", "How much is {q}?", "Calculate {q}.", "Calculate {q}", "Compute {q}.", "Work out {q}.",
        "Can you work out {q}?", "Could you work out {q}?", "Can you calculate {q}?", "Could you calculate {q} for me?",
        "Please calculate {q}.", "Please work out {q} for me.", "Tell me {q}.", "Tell me what {q} is.", "Can you tell me what {q} is?",
        "Could you tell me what {q} is?", "Do you know what {q} is?", "What does {q} make?", "What does {q} come to?", "What do you get for {q}?",
        "What is the result of {q}?", "What is the answer to {q}?", "Give me the result of {q}.", "Give me {q}.", "I need to know {q}.",
        "I would like to know {q}.", "I want to know what {q} is.", "What would {q} be?", "What will {q} be?", "So what is {q}?",
        "And what is {q}?", "OK, what is {q}?", "Solve {q}.", "Solve {q}", "Solve this: {q}", "Calculate this: {q}", "Work this out: {q}",
        "Here is one for you: {q}", "Next one: {q}", "My homework says {q}.", "My homework asks for {q}.", "My teacher asked me for {q}.",
        "Help me with {q}.", "Can you help me with {q}?", "I can't work out {q}.", "I do not know what {q} is.", "How much would {q} be?",
        "How much does {q} make?", "How many is {q}?", "{q}", "{q}", "{q}", "{q}?", "{q} = ?", "{q} =", "{q} please", "{q}, please.",
        "{q} is what?", "{q} is how much?", "{q} makes what?", "{q} makes how much?", "Quick, {q}!", "Quick question: what is {q}?",
        "A quick sum: {q}", "Maths question: {q}", "Math: {q}", "Question: what is {q}?", "What might {q} be?", "Any idea what {q} is?",
        "Would you calculate {q}?", "Would you mind working out {q}?", "Can u calculate {q}", "wat is {q}", "whats {q}", "hw much is {q}",
        "calc {q}", "pls calculate {q}", "plz tell me {q}", "what is {q} pls", "i need {q}", "ok {q}", "and {q}", "now {q}", "{q} thx",
        "Use your calculator: {q}", "Use the calculator to find {q}.", "With the calculator, what is {q}?", "Check {q} for me.",
        "Let's see, what is {q}?", "Let me test you: what is {q}?", "I wonder what {q} is.", "Guess what {q} is.", "Show me {q}.",
        "How do I work out {q}?", "What number is {q}?", "Which number is {q}?", "Say what {q} is.", "Get me {q}.",
    ];

    public static IReadOnlyList<string> Openings { get; } =
    [
        "Hi! ", "Hello! ", "Hey, ", "Hi Noos, ", "Hello Noos. ", "Hey Noos! ", "Noos, ", "Good morning. ", "Please, ", "Sorry, ", "Excuse me, ",
        "One more: ", "Okay. ", "Right. ", "Well, ", "Now, ", "I have a question. ", "Can you help me? ", "Another one. ", "Good evening! ",
        "I am doing my homework. ", "I am bad at maths. ", "This is hard. ", "Please help. ", "For my shopping: ", "For school: ",
    ];

    public static IReadOnlyList<string> Closings { get; } =
    [
        " Thanks!", " Thank you.", " Please.", " Thank you very much!", " Be quick, please.", " I need it for school.", " Thanks a lot.",
        " It is for my homework.", " I forgot how.", " Only the result, please.", " Cheers!",
    ];

    /// <summary>Whole commands whose words follow the order of the calculation.</summary>
    public static IReadOnlyList<ProblemTemplate> Commands { get; } =
    [
        new(Shape.Free, "Add {a} to {b}.", "{a}+{b}"),
        new(Shape.Free, "Add {a} and {b}.", "{a}+{b}"),
        new(Shape.Free, "Add up {a}, {b} and {c}.", "{a}+{b}+{c}"),
        new(Shape.Free, "Add {a}, {b} and {c} together.", "{a}+{b}+{c}"),
        new(Shape.Minus, "Subtract {b} from {a}.", "{a}-{b}"),
        new(Shape.Minus, "Take {b} away from {a}.", "{a}-{b}"),
        new(Shape.Minus, "Take {b} from {a}.", "{a}-{b}"),
        new(Shape.Minus, "Start with {a} and take away {b}.", "{a}-{b}"),
        new(Shape.Times, "Multiply {a} by {b}.", "{a}*{b}"),
        new(Shape.Times, "Multiply {a} and {b}.", "{a}*{b}"),
        new(Shape.Share, "Divide {a} by {b}.", "{a}/{b}"),
        new(Shape.Share, "Split {a} into {b} equal parts.", "{a}/{b}"),
        new(Shape.Share, "Halve {a}.", "{a}/2"),
        new(Shape.Free, "Double {a}.", "2*{a}"),
        new(Shape.Free, "Triple {a}.", "3*{a}"),
        new(Shape.Free, "Square {a}.", "{a}^2"),
        new(Shape.Free, "Add {a} to {b} then double it.", "({a}+{b})*2"),
        new(Shape.Free, "Add {a} to {b} and then double the result.", "({a}+{b})*2"),
        new(Shape.Times, "Add {a} to {b}, then multiply by {c}.", "({a}+{b})*{c}"),
        new(Shape.Times, "Add {a} and {b} and multiply the result by {c}.", "({a}+{b})*{c}"),
        new(Shape.Times, "Multiply {a} by {b} and add {c}.", "{a}*{b}+{c}"),
        new(Shape.Times, "Multiply {a} by {b}, then subtract {c}.", "{a}*{b}-{c}"),
        new(Shape.Times, "Take {a}, multiply it by {b} and add {c}.", "{a}*{b}+{c}"),
        new(Shape.Free, "Start with {a}, add {b} and add {c}.", "{a}+{b}+{c}"),
        new(Shape.Minus, "Start with {a}, take away {b} and then take away {c}.", "{a}-{b}-{c}"),
        new(Shape.Minus, "Subtract {b} from {a} and then double it.", "({a}-{b})*2"),
        new(Shape.Minus, "Take {b} from {a}, then add {c}.", "{a}-{b}+{c}"),
        new(Shape.Share, "Divide {a} by {b} and add {c}.", "{a}/{b}+{c}"),
        new(Shape.Share, "Halve {a} and add {c}.", "{a}/2+{c}"),
        new(Shape.Percent, "Increase {a} by {p}%.", "{a}+{p}%"),
        new(Shape.Percent, "Increase {a} by {p} percent.", "{a}+{p}%"),
        new(Shape.Percent, "Decrease {a} by {p}%.", "{a}-{p}%"),
        new(Shape.Percent, "Take {p}% off {a}.", "{a}-{p}%"),
        new(Shape.Percent, "Add {p}% to {a}.", "{a}+{p}%"),
        new(Shape.Percent, "Find {p}% of {a}.", "{p}% of {a}"),
        new(Shape.Percent, "How much is {a} with {p}% off?", "{a}-{p}%"),
        new(Shape.Percent, "Give me {p} percent of {a}.", "{p}% of {a}"),
        new(Shape.Free, "Which is bigger, {a} or {b}?", "max({a},{b})", "{r} is bigger."),
        new(Shape.Free, "Which is smaller, {a} or {b}?", "min({a},{b})", "{r} is smaller."),
        new(Shape.Minus, "How much bigger is {a} than {b}?", "{a}-{b}", "It is {r} bigger."),
        new(Shape.Minus, "How much smaller is {b} than {a}?", "{a}-{b}", "It is {r} smaller."),
        new(Shape.Minus, "How much more is {a} than {b}?", "{a}-{b}", "It is {r} more."),
        new(Shape.Share, "How many times does {b} go into {a}?", "{a}/{b}", "It goes in {r} times."),
        new(Shape.Share, "How often does {b} fit into {a}?", "{a}/{b}", "It fits {r} times."),
        new(Shape.Minus, "What must I add to {b} to get {a}?", "{a}-{b}", "You must add {r}."),
        new(Shape.Minus, "How far is it from {b} to {a}?", "{a}-{b}"),
    ];

    /// <summary>What makes a request of a command: before it, and at its end.</summary>
    public static IReadOnlyList<(string Lead, string End)> Requests { get; } =
    [
        ("Can you ", "?"), ("Could you ", "?"), ("Please ", "."), ("Could you please ", "?"), ("I want you to ", "."), ("Now ", "."),
        ("Would you ", "?"), ("I have to ", "."), ("What do you get if you ", "?"), ("What happens if I ", "?"), ("Let's ", "."), ("Help me ", "."),
    ];

    public static IReadOnlyList<ProblemTemplate> Stories { get; } =
    [
        new(Shape.Minus, "{n} had {a} {o} and gave away {b}. How many are left?", "{a}-{b}", "{n} has {r} {o} left."),
        new(Shape.Minus, "{n} had {a} {o} and gave {b} to {m}. How many {o} does {n} have left?", "{a}-{b}", "{n} has {r} {o} left."),
        new(Shape.Minus, "{n} has {a} {o}. {m} takes {b} of them. How many are left?", "{a}-{b}", "{r} {o} are left."),
        new(Shape.Minus, "There were {a} {o} in the box. {n} took {b}. How many are still there?", "{a}-{b}", "{r} {o} are still there."),
        new(Shape.Minus, "There are {a} {o} on the table and {n} takes {b}. How many remain?", "{a}-{b}", "{r} {o} remain."),
        new(Shape.Minus, "{n} lost {b} of {a} {o}. How many are left?", "{a}-{b}", "{r} {o} are left."),
        new(Shape.Minus, "A shop had {a} {o} and sold {b}. How many {o} are left in the shop?", "{a}-{b}", "{r} {o} are left."),
        new(Shape.Minus, "I had {a} {o} and lost {b}. How many do I have now?", "{a}-{b}", "You have {r} {o} now."),
        new(Shape.Minus, "I have {a} dollars and spend {b}. How much is left?", "{a}-{b}", "You have {r} dollars left."),
        new(Shape.Minus, "{n} has {a} dollars and buys a book for {b} dollars. How much money is left?", "{a}-{b}", "{n} has {r} dollars left."),
        new(Shape.Minus, "{n} saved {a} dollars and spent {b} on a present. How much does {n} have left?", "{a}-{b}", "{n} has {r} dollars left."),
        new(Shape.Minus, "A rope is {a} metres long. I cut off {b} metres. How long is the rest?", "{a}-{b}", "The rest is {r} metres long."),
        new(Shape.Minus, "A book has {a} pages and I have read {b}. How many pages are left?", "{a}-{b}", "{r} pages are left."),
        new(Shape.Minus, "{n} needs {a} {o} and has {b}. How many more does {n} need?", "{a}-{b}", "{n} needs {r} more."),
        new(Shape.Minus, "There are {a} children in the school and {b} are girls. How many are boys?", "{a}-{b}", "{r} are boys."),
        new(Shape.Minus, "{n} had {a} {o}, gave {b} to {m} and lost {c}. How many are left?", "{a}-{b}-{c}", "{n} has {r} {o} left."),
        new(Shape.Minus, "{n} has {a} {o}. {m} takes {b}, and {c} are broken. How many are left?", "{a}-{b}-{c}", "{r} {o} are left."),
        new(Shape.Minus, "I had {a} dollars. I spent {b} on food and {c} on a bus ticket. How much is left?", "{a}-{b}-{c}", "You have {r} dollars left."),
        new(Shape.Minus, "{n} had {a} {o}, gave away {b} and then found {c}. How many does {n} have now?", "{a}-{b}+{c}", "{n} has {r} {o} now."),
        new(Shape.Minus, "A bus has {a} people in it. {b} get off and {c} get on. How many are on the bus now?", "{a}-{b}+{c}", "There are {r} people on the bus."),
        new(Shape.Free, "{n} has {a} {o} and {m} has {b}. How many do they have together?", "{a}+{b}", "Together they have {r} {o}."),
        new(Shape.Free, "{n} has {a} {o} and gets {b} more. How many is that?", "{a}+{b}", "{n} has {r} {o}."),
        new(Shape.Free, "{n} picked {a} {o} and {m} picked {b}. How many did they pick in total?", "{a}+{b}", "They picked {r} {o}."),
        new(Shape.Free, "There are {a} red {o} and {b} blue {o}. How many {o} are there?", "{a}+{b}", "There are {r} {o}."),
        new(Shape.Free, "{n} bought {a} {o} on Monday and {b} on Tuesday. How many {o} did {n} buy?", "{a}+{b}", "{n} bought {r} {o}."),
        new(Shape.Free, "I walked {a} steps in the morning and {b} in the evening. How many steps is that?", "{a}+{b}", "That is {r} steps."),
        new(Shape.Free, "A coat costs {a} dollars and a hat costs {b} dollars. How much do they cost together?", "{a}+{b}", "Together they cost {r} dollars."),
        new(Shape.Free, "{n} has {a} {o}, {m} has {b} and I have {c}. How many do we have?", "{a}+{b}+{c}", "You have {r} {o}."),
        new(Shape.Times, "There are {b} bags with {a} {o} in each. How many {o} are there?", "{b}*{a}", "There are {r} {o}."),
        new(Shape.Times, "{n} buys {b} boxes of {o}. Each box holds {a}. How many {o} is that?", "{b}*{a}", "That is {r} {o}."),
        new(Shape.Times, "One ticket costs {a} dollars. How much do {b} tickets cost?", "{a}*{b}", "They cost {r} dollars."),
        new(Shape.Times, "{n} reads {a} pages a day. How many pages does {n} read in {b} days?", "{a}*{b}", "{n} reads {r} pages."),
        new(Shape.Times, "A garden has {b} rows of {a} trees. How many trees are there?", "{b}*{a}", "There are {r} trees."),
        new(Shape.Times, "I earn {a} dollars an hour. How much do I earn in {b} hours?", "{a}*{b}", "You earn {r} dollars."),
        new(Shape.Times, "{n} buys {b} {o} for {a} dollars each. How much does {n} pay?", "{b}*{a}", "{n} pays {r} dollars."),
        new(Shape.Times, "{n} buys {b} {o} for {a} dollars each and a drink for {c} dollars. How much is that?", "{b}*{a}+{c}", "That is {r} dollars."),
        new(Shape.Times, "There are {b} boxes with {a} {o} each, and {c} more on the floor. How many {o} are there?", "{b}*{a}+{c}", "There are {r} {o}."),
        new(Shape.Share, "{n} shares {a} {o} equally among {b} friends. How many does each get?", "{a}/{b}", "Each gets {r} {o}."),
        new(Shape.Share, "{a} {o} are packed into {b} boxes equally. How many are in each box?", "{a}/{b}", "There are {r} in each box."),
        new(Shape.Share, "{b} friends share {a} dollars equally. How much does each get?", "{a}/{b}", "Each gets {r} dollars."),
        new(Shape.Share, "We want to split {a} {o} between {b} people. How many each?", "{a}/{b}", "Each gets {r} {o}."),
        new(Shape.Share, "A trip of {a} miles takes {b} days. How many miles is that per day?", "{a}/{b}", "That is {r} miles per day."),
        new(Shape.Change, "{n} has {c} dollars and buys {b} {o} for {a} dollars each. How much money is left?", "{c}-{b}*{a}", "{n} has {r} dollars left."),
        new(Shape.Change, "I buy {b} {o} at {a} dollars each and pay with {c} dollars. How much change do I get?", "{c}-{b}*{a}", "You get {r} dollars back."),
        new(Shape.Change, "There are {c} {o}. {b} children take {a} each. How many are left?", "{c}-{b}*{a}", "{r} {o} are left."),
        new(Shape.Percent, "A coat costs {a} dollars. It is {p}% off today. What does it cost?", "{a}-{p}%", "It costs {r} dollars."),
        new(Shape.Percent, "A meal costs {a} dollars and I want to leave a {p}% tip. How much is the tip?", "{p}% of {a}", "The tip is {r} dollars."),
        new(Shape.Percent, "There are {a} {o} and {p}% of them are red. How many are red?", "{p}% of {a}", "{r} are red."),
        new(Shape.Percent, "The price was {a} dollars and went up by {p} percent. What is it now?", "{a}+{p}%", "It is {r} dollars now."),
        new(Shape.Percent, "{n} saves {p}% of {a} dollars. How much is that?", "{p}% of {a}", "That is {r} dollars."),
    ];

    public static IReadOnlyList<string> Names { get; } =
    [
        "Tom", "Anna", "Ben", "Lucy", "Sam", "Mia", "Jack", "Lily", "Max", "Emma", "Peter", "Sara", "Tim", "Nora", "Leo", "Ella", "John", "Mary", "Paul",
        "Rosa", "Ali", "Zoe", "Dan", "Amy", "Bob", "Sue", "Fred", "Kate", "Adam", "Eva", "Noah", "Ida", "Luke", "Maya", "Eric", "Nina", "Mark", "Lena",
        "Alex", "Jane", "Carl", "Rita", "Simon", "Tina", "Frank", "Lisa", "David", "Helen", "Robert", "Susan", "Michael", "Laura", "Daniel", "Sophie",
        "James", "Carol", "George", "Diana", "Martin", "Linda", "Steve", "Olga", "Ivan", "Yuki", "Kenji", "Amina", "Omar", "Fatima", "Carlos", "Maria",
        "Pedro", "Lucia", "Pablo", "Ines", "Marco", "Giulia", "Hans", "Greta", "Pierre", "Claire", "Sven", "Astrid", "Jonas", "Freya", "Theo", "Iris",
        "Felix", "Vera", "Walter", "Edith", "Arthur", "Agnes", "Ralph", "Betty", "Bruno", "Celia", "Dora", "Edgar", "Fiona", "Gavin", "Holly", "Irene",
        "Jasper", "Kelly", "Liam", "Megan", "Nathan", "Olivia", "Patrick", "Queenie", "Ryan", "Stella", "Toby", "Ursula", "Vince", "Wendy", "Xavier",
        "Yvonne", "Zack", "my brother", "my sister", "my friend", "my mum", "the teacher", "my uncle", "the farmer", "my neighbour", "the baker", "a girl",
        "a boy", "my cousin", "the cook", "our team",
    ];

    public static IReadOnlyList<string> Things { get; } =
    [
        "apples", "books", "marbles", "cookies", "pencils", "balls", "stickers", "flowers", "eggs", "oranges", "toys", "coins", "cards", "cakes", "sweets",
        "bananas", "shells", "stones", "cups", "pens", "stamps", "tomatoes", "plums", "balloons", "buttons", "biscuits", "candles", "pies", "nuts", "grapes",
        "peaches", "cherries", "onions", "beans", "melons", "buns", "rolls", "tickets", "letters", "boxes", "bottles", "plates", "spoons", "forks", "knives",
        "glasses", "bowls", "towels", "pillows", "blankets", "shirts", "socks", "gloves", "scarves", "coats", "bags", "ropes", "nails", "screws", "bricks",
        "tiles", "planks", "ladders", "brushes", "pots", "pans", "lights", "bells", "drums", "flutes", "dolls", "puzzles", "robots", "trains", "cars",
        "boats", "planes", "trees", "roses", "tulips", "seeds", "leaves", "feathers", "pebbles", "beads", "ribbons", "bows", "badges", "medals", "masks",
        "crayons", "rulers", "erasers", "notebooks", "posters", "maps", "photos", "pictures", "magazines", "newspapers", "chickens", "ducks", "sheep",
        "goats", "cows", "horses", "fish", "frogs", "bees", "ants", "birds",
    ];

    /// <summary>A second question about the result; {b} is a number and R the result before.</summary>
    public static IReadOnlyList<ProblemTemplate> FollowUps { get; } =
    [
        new(Shape.Times, "And now times {b}?", "R*{b}"), new(Shape.Times, "Times {b}?", "R*{b}"), new(Shape.Times, "Multiply that by {b}.", "R*{b}"),
        new(Shape.Times, "Now multiply it by {b}.", "R*{b}"), new(Shape.Free, "Plus {b}?", "R+{b}"), new(Shape.Free, "And plus {b}?", "R+{b}"),
        new(Shape.Free, "Now add {b}.", "R+{b}"), new(Shape.Free, "Add {b} to that.", "R+{b}"), new(Shape.Free, "What if I add {b}?", "R+{b}"),
        new(Shape.Free, "Minus {b}?", "R-{b}"), new(Shape.Free, "Now subtract {b}.", "R-{b}"), new(Shape.Free, "Take {b} away from that.", "R-{b}"),
        new(Shape.Free, "and minus {b}", "R-{b}"), new(Shape.Times, "Divided by {b}?", "R/{b}"), new(Shape.Times, "Now divide that by {b}.", "R/{b}"),
        new(Shape.Times, "And half of that?", "R/2"), new(Shape.Times, "Double it.", "R*2"), new(Shape.Times, "And twice that?", "R*2"),
        new(Shape.Percent, "And {p}% of that?", "{p}% of R"), new(Shape.Percent, "What is {p}% of it?", "{p}% of R"), new(Shape.Free, "And squared?", "R^2"),
    ];

    public static IReadOnlyList<string> Answers { get; } =
    [
        "The answer is {r}.", "The answer is {r}.", "The answer is {r}.", "That is {r}.", "That is {r}.", "It is {r}.", "That makes {r}.",
        "The result is {r}.", "{e} = {r}.", "{e} is {r}.",
    ];

    /// <summary>Questions whose call is refused, the expression, and the honest answer.</summary>
    public static IReadOnlyList<ProblemTemplate> Refused { get; } =
    [
        new(Shape.Free, "What is {a} divided by 0?", "{a}/0", "I cannot do that: division by zero is not possible."),
        new(Shape.Free, "What is {a} divided by zero?", "{a}/0", "There is no answer, because division by zero is not possible."),
        new(Shape.Free, "{a}/0", "{a}/0", "Division by zero is not possible, so there is no answer."),
        new(Shape.Free, "Divide {a} by 0.", "{a}/0", "Sorry, division by zero is not possible."),
        new(Shape.Free, "Divide {a} by zero please", "{a}/0", "Sorry, division by zero is not possible."),
        new(Shape.Free, "How much is {a} / 0?", "{a}/0", "Division by zero is not possible, so there is no answer."),
        new(Shape.Free, "Split {a} into zero equal parts.", "{a}/0", "I cannot do that: division by zero is not possible."),
        new(Shape.Free, "Calculate {a} / (5 - 5).", "{a}/(5-5)", "There is no answer, because division by zero is not possible."),
        new(Shape.Free, "What is the square root of minus {a}?", "sqrt(-{a})", "The square root of a negative number is not a real number."),
        new(Shape.Free, "sqrt(-{a})", "sqrt(-{a})", "The square root of a negative number is not a real number."),
        new(Shape.Free, "What is the logarithm of 0?", "log(0)", "A logarithm needs a number above zero."),
        new(Shape.Small, "What is {a} to the power of a million?", "{a}^1000000", "The result is too long for me to write down."),
        new(Shape.Small, "Calculate {a}^9999999.", "{a}^9999999", "The result is too long for me to write down."),
        new(Shape.Free, "What is the factorial of {a}00000?", "{a}00000!", "The result is too long for me to write down."),
        new(Shape.Free, "What is {a} mod 0?", "{a} mod 0", "That is not defined, because it would divide by zero."),
    ];
}
