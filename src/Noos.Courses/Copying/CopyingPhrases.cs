namespace Noos.Courses.Copying;

/// <summary>A relation between a person and a thing: {n} is the person, {v} the thing.</summary>
/// <param name="Statement">Without its full stop.</param>
/// <param name="Values">A slot or the things themselves, such as <c>a {thing}</c>.</param>
/// <param name="Questions">For the thing.</param>
/// <param name="PersonQuestions">For the person.</param>
sealed record CopyingRelation(string Statement, string Values, IReadOnlyList<string> Questions, IReadOnlyList<string> PersonQuestions);

/// <summary>The wordings of exercises in copying: those of lessons and those of the examination have nothing in common.</summary>
sealed record CopyingPhrases
{
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Lists { get; init; }

    /// <summary>{t} is the text to be said again.</summary>
    public required IReadOnlyList<string> Repeats { get; init; }

    public required IReadOnlyList<CopyingRelation> Relations { get; init; }

    /// <summary>{k} is the key.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>{c} is the column, {r} the row.</summary>
    public required IReadOnlyList<string> Cells { get; init; }

    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>{l} is a list; what is asked for is said by the name of the entry: first, last, after, number.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Items { get; init; }

    public static CopyingPhrases Lessons { get; } = new()
    {
        Lists = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            ["name"] =
            [
                "Anna", "Ben", "Carla", "David", "Ella", "Frank", "Irma", "Jonas", "Karin", "Leon", "Mira", "Niels", "Olga", "Petra",
                "Rita",
                "Stefan", "Tilda", "Vera", "Yusuf", "Zora", "Tom", "Lucy", "Sam", "Mia", "{Word}", "{Word}", "{Word}", "{Word}", "{Word}",
                "{Word}",
            ],
            ["thing"] =
            [
                "ball", "kite", "lamp", "book", "drum", "key", "ring", "cup", "map", "hat", "coin", "bell", "rope", "boat", "box", "pen",
                "doll",
                "flute", "spoon", "basket", "candle", "mirror", "clock", "blanket", "bottle", "hammer", "feather", "shell", "stone",
                "ticket",
                "letter", "camera", "guitar", "pillow", "scarf", "button", "brush", "bucket", "chair", "radio", "{word}", "{word}",
            ],
            ["colour"] = ["red", "blue", "green", "yellow", "black", "white", "brown", "purple", "pink", "grey"],
            ["animal"] = ["dog", "cat", "horse", "rabbit", "goat", "parrot", "turtle", "duck", "sheep", "pony", "mouse", "snake", "owl"],
            ["job"] = ["baker", "teacher", "doctor", "farmer", "painter", "driver", "singer", "nurse", "pilot", "cook", "writer", "sailor"],
            ["food"] = ["bread", "rice", "soup", "cheese", "honey", "pasta", "salad", "fish", "cake", "beans", "plums", "nuts", "tea"],
        },
        Repeats =
        [
            "Repeat after me: {t}", "Say this: {t}", "Repeat: {t}", "Say exactly this: {t}", "Copy this line: {t}", "Please repeat: {t}",
            "Say after me: {t}", "Write this again: {t}", "Repeat these words: {t}", "Can you repeat this? {t}", "Now say: {t}",
            "Please say: {t}", "Type this: {t}", "Give me this text back: {t}", "Repeat the following: {t}",
        ],
        Relations =
        [
            new("{n} has {v}", "a {thing}", ["What does {n} have?", "What has {n} got?", "Which thing does {n} have?"],
                ["Who has {v}?", "Who has got {v}?"]),
            new("{n} has {v}", "a {colour} {thing}", ["What does {n} have?", "What has {n} got?"], ["Who has {v}?"]),
            new("{n} lives in {v}", "{Word}", ["Where does {n} live?", "In which place does {n} live?"], ["Who lives in {v}?"]),
            new("{n} likes {v}", "{food}", ["What does {n} like?", "What food does {n} like?"], ["Who likes {v}?"]),
            new("{n} is {v}", "a {job}", ["What is {n}?", "What is the job of {n}?", "What does {n} do?"], ["Who is {v}?"]),
            new("{n} owns {v}", "a {animal}", ["What does {n} own?", "Which animal does {n} own?"], ["Who owns {v}?"]),
            new("{n} paid {v}", "{Money}", ["What did {n} pay?", "How much did {n} pay?"], ["Who paid {v}?"]),
            new("{n} comes from {v}", "{Word}", ["Where does {n} come from?", "Where is {n} from?"],
                ["Who comes from {v}?", "Who is from {v}?"]),
            new("{n} is in room {v}", "{Digits}", ["In which room is {n}?", "Which room is {n} in?"], ["Who is in room {v}?"]),
            new("{n} gave {v} to the children", "a {thing}", ["What did {n} give to the children?", "What did {n} give?"],
                ["Who gave {v} to the children?"]),
        ],
        Keys = ["What is {k}?", "What does {k} mean?", "{k}?", "Which value has {k}?", "Look up {k}.", "And {k}?", "Find {k}.",
            "What stands at {k}?"],
        Cells = ["What is the {c} of {r}?", "Which {c} has {r}?", "{c} of {r}?", "Give me the {c} of {r}.", "Look up the {c} of {r}."],
        Columns = ["name", "city", "price", "age", "colour", "code", "size", "owner", "room", "score", "number", "weight", "kind"],
        Items = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            ["first"] = ["Which is the first of these? {l}", "What comes first? {l}", "The first one, please: {l}"],
            ["last"] = ["Which is the last of these? {l}", "What comes last? {l}", "The last one, please: {l}"],
            ["after"] = ["What comes after {k}? {l}", "Which follows {k}? {l}"],
            ["number"] = ["What is number {k} of these? {l}", "Which one is number {k}? {l}", "Number {k}, please: {l}"],
        },
    };

    public static CopyingPhrases Examination { get; } = new()
    {
        Lists = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            ["name"] = ["{Word}", "{Word}", "{Word}", "Oliver", "Grace", "Henry", "Clara", "Julia", "Oscar", "Alice", "Hugo", "Ruth"],
            ["thing"] = ["trumpet", "saddle", "lantern", "globe", "wallet", "helmet", "rug", "whistle", "teapot", "violin", "compass",
                "{word}", "{word}"],
            ["tint"] = ["crimson", "turquoise", "beige", "violet", "navy", "ivory"],
            ["beast"] = ["otter", "badger", "llama", "heron", "lizard", "moose", "squirrel"],
        },
        Repeats = ["Echo: {t}", "Tell me once more what I write: {t}", "Put down these very words: {t}", "Parrot me: {t}"],
        Relations =
        [
            new("{n} carries {v}", "a {thing}", ["What does {n} carry?", "What is {n} carrying?"],
                ["Who carries {v}?", "Who is carrying {v}?"]),
            new("{n} bought {v}", "a {tint} {thing}", ["What did {n} buy?"], ["Who bought {v}?"]),
            new("{n} travels to {v}", "{Word}", ["Where does {n} travel to?", "To which place does {n} travel?"], ["Who travels to {v}?"]),
            new("{n} met {v}", "a {beast}", ["What did {n} meet?", "Which animal did {n} meet?"], ["Who met {v}?"]),
            new("{n} sits on seat {v}", "{Digits}", ["On which seat does {n} sit?", "On what seat does {n} sit?"],
                ["Who sits on seat {v}?"]),
        ],
        Keys = ["Tell me what belongs to {k}.", "Next to {k} I read what?", "What is written beside {k}?"],
        Cells = ["In the line of {r}, what is the {c}?", "Tell me the {c} for {r}.", "For {r}, which {c} is given?"],
        Columns = ["teacher", "river", "fee", "height", "metal", "coach", "seat", "signal"],
        Items = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            ["first"] = ["With what does this begin? {l}"],
            ["last"] = ["With what does this end? {l}"],
            ["after"] = ["Right behind {k} stands what? {l}"],
            ["number"] = ["Count: which one is at place {k}? {l}"],
        },
    };
}
