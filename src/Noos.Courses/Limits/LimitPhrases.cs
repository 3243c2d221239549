namespace Noos.Courses.Limits;

/// <summary>A kind of request that is beyond a small model.</summary>
/// <param name="Name">Of the kind.</param>
/// <param name="Requests">{t} is one of the things, {w} an invented name.</param>
/// <param name="Things">What is asked for.</param>
/// <param name="Answers">That it cannot, and what it can instead; empty in examinations.</param>
sealed record LimitKind(string Name, IReadOnlyList<string> Requests, IReadOnlyList<string> Things, IReadOnlyList<string> Answers);

/// <summary>What is asked that cannot be done, and what can. Lessons and examination have no wording and no thing in common.</summary>
static class LimitPhrases
{
    public static IReadOnlyList<LimitKind> Lessons { get; } =
    [
        new("programs",
            ["Write a program for {t}.", "Code me {t}.", "Can you program {t}?", "I need a script that does {t}.", "Write {t} in Python.",
                "Make me an app for {t}.", "Write the source code of {t}.", "Fix the bug in my program for {t}."],
            ["a chess game", "a calculator", "an online shop", "a tax form", "a music player", "a web page", "a database", "a robot",
                "sorting my photos", "reading my mail", "a quiz", "a snake game", "a weather station"],
            ["I am a small model and cannot write that program. I can run Python that you give me.",
                "I cannot write programs. If you have some code, I can run it for you.",
                "Programming is too hard for me. I can calculate, look things up and read texts."]),
        new("translations",
            ["Translate {t} into French.", "How do you say {t} in Spanish?", "What is {t} in German?", "Say {t} in Chinese.",
                "Please translate {t} to Italian.", "I need {t} in Russian."],
            ["good morning", "the red house", "this letter", "I love you", "where is the station", "thank you for your help",
                "my name is {w}",
                "the weather is nice", "this page", "a cup of tea"],
            ["I cannot translate: I know English only.", "I only know English, so I cannot translate that. Shall I search for it?",
                "I am sorry, I cannot speak other languages."]),
        new("long texts",
            ["Write {t}.", "Write me {t}, please.", "I need {t} by tomorrow.", "Compose {t}.", "Can you write {t}?"],
            ["an essay of ten pages about war", "a novel about {w}", "my thesis", "a speech of one hour", "a whole book about the sea",
                "a report of 5,000 words", "a contract for my flat", "a film script", "a business plan",
                    "an application for a job as a judge"],
            ["I cannot write long texts. I can tell you a short story.", "That is too long for me. I can write a few sentences about it.",
                "I am too small to write that. Shall I try a short paragraph?"]),
        new("pictures",
            ["Draw {t}.", "Paint me {t}.", "Show me a picture of {t}.", "Make an image of {t}.", "Can you draw {t}?", "Sing {t} for me.",
                "Make a video of {t}."],
            ["a horse", "my house", "the moon over {w}", "a red rose", "a castle", "two cats", "an old ship", "a birthday song",
                "a dragon"],
            ["I cannot make pictures, sounds or films. I can describe it in words.", "I cannot draw, but I can tell you about it.",
                "I only work with text, so I cannot do that."]),
        new("deeds",
            ["{t} for me.", "Please {t}.", "Can you {t}?", "Could you {t} for me?", "I want you to {t}."],
            ["call my mother", "order a pizza", "book a flight to {w}", "send this mail to {w}", "buy me shoes", "pay my bill",
                "turn on the lights",
                "open the door", "clean my room", "walk the dog", "post a letter", "cook dinner", "drive me home"],
            ["I cannot do that: I can only read, calculate, look things up and answer.",
                "I have no hands and no tool for that, so I cannot do it.",
                "I cannot do things outside of this conversation."]),
        new("the future",
            ["Who will win {t}?", "What will happen to {t} next year?", "Tell me the future of {t}.", "Will {t} be good for me?",
                "Predict {t}."],
            ["the next election", "the football cup", "the price of gold", "my exam", "the lottery", "the match on Sunday", "my shares",
                "the race tomorrow"],
            ["Nobody knows that, and I cannot predict it.", "I cannot tell the future.", "I cannot know that before it happens."]),
        new("experts",
            ["Which medicine should I take against {t}?", "I have {t}. What is wrong with me?", "How do I treat {t}?",
                "Is {t} dangerous for me?",
                "What should I do about {t}?"],
            ["a pain in my chest", "fever", "a broken arm", "a rash", "strong headaches", "a bad cough", "a burn", "dizziness",
                "a snake bite"],
            ["I cannot give medical advice. Please ask a doctor, and call for help if it is urgent.",
                "I am not a doctor and cannot tell. Please see one.", "I cannot judge that. A doctor or a pharmacist can."]),
        new("hard thinking",
            ["Prove that {t}.", "Solve {t}.", "Plan {t} for me.", "Find a strategy for {t}.", "Analyse {t}."],
            ["there are endless primes", "this puzzle with ten people", "my next ten years", "the whole chess game", "the economy of {w}",
                "the timetable of my school", "this crime", "two equations with five unknowns"],
            ["That is too hard for me: I am a small model. I can calculate single steps.",
                "I cannot think over so many steps. Ask me one step at a time.",
                    "I cannot solve that. I can calculate or look something up."]),
    ];

    /// <summary>What sounds alike and can be done.</summary>
    public static IReadOnlyList<(string Request, string Answer)> Possible { get; } =
    [
        ("Write one sentence about the sea.", "The sea is wide, blue and full of fish."),
        ("Can you write a short story?", "Yes. Once a little mouse found a crumb, shared it with a bird, and they became friends."),
        ("Tell me a very short story.", "A boy lost his kite. The wind brought it back, and he laughed."),
        ("Can you count to five?", "One, two, three, four, five."),
        ("Write your name.", "Noos."),
        ("Can you read English?", "Yes, English is my language."),
        ("What can you do?", "I can talk, calculate, look things up, read texts and remember things for you."),
        ("Can you calculate?", "Yes, ask me any sum."),
        ("Can you search for something?", "Yes. Tell me what you want to know."),
        ("Describe a rose in words.", "A rose is a flower with soft petals, a sweet smell and thorns."),
        ("Describe a castle.", "A castle has thick walls, high towers and a gate."),
        ("Can you help me?", "I will try. What do you need?"),
        ("Spell the word cat.", "C, a, t."),
        ("Say hello in English.", "Hello!"),
        ("Give me an English word for a young dog.", "Puppy."),
        ("Name three colours.", "Red, blue and green."),
        ("Plan a small breakfast.", "Bread, an egg and a glass of milk."),
        ("What is a program?", "A program is a list of steps that a computer follows."),
        ("What does a doctor do?", "A doctor helps people who are ill."),
        ("Is water good for me?", "Yes, people need to drink water every day."),
    ];

    public static IReadOnlyList<LimitKind> Examination { get; } =
    [
        new("program",
            ["Develop {t}, complete and tested.", "I would like to have the code of {t} from you.", "Implement {t} today.",
                "How about coding {t}?"],
            ["a train simulator", "a bank system", "a phone game", "a photo filter", "a mail server", "a bot for trading",
                "a parser for XML",
                "a compiler", "a chat server", "a virus scanner"], []),
        new("foreign words",
            ["Put into Portuguese: {t}.", "A friend from Korea asks what {t} is in her language.", "What would a Greek say for {t}?",
                "Render {t} in Latin."],
            ["have a good journey", "the little river", "I am hungry", "see you on Monday", "who is {w}", "my green hat", "a cold night",
                "our neighbours", "the old bridge"], []),
        new("art",
            ["Design {t} and show it to me.", "I wish to see {t}, create it.", "Produce {t} in colour.", "Photograph {t}."],
            ["a logo with a lion", "a poster", "a tattoo of {w}", "a map of my dream", "a portrait of my aunt", "a cartoon", "a stamp",
                "a flag for {w}", "a sunset"], []),
        new("act",
            ["Go and {t}.", "Would you be so kind as to {t} today?", "It is your turn to {t}.", "At six o'clock, {t}."],
            ["water my flowers", "rent a car in {w}", "wake up my brother", "cancel my subscription", "feed the fish",
                "fetch the newspaper",
                "iron my shirts", "meet {w} at the station", "carry the boxes upstairs"], []),
        new("forecast",
            ["In ten years, how will {t} be?", "Give me a sure forecast for {t}.", "You surely know how {t} turns out.",
                "What fate awaits {t}?"],
            ["the weather on my wedding", "the dollar", "the team of {w}", "my luck", "the population of {w}", "the harvest",
                "this company",
                "the new teacher", "our climate"], []),
    ];

    /// <summary>Asked in the examination; a refusal is wrong.</summary>
    public static IReadOnlyList<string> PossibleInExamination { get; } =
    [
        "Write two words that begin with B.", "Make up one sentence about a tree.", "By what name may I call you?",
            "Are you able to add numbers?",
        "Is English a language that you understand?", "In a few words, what is a painter?", "Mention an animal that can swim.",
        "Which of these is green, grass or milk?", "Say something kind to me.", "What do people use a phone for?",
            "Tell me something about winter.",
        "Why do people sleep?", "Say which day follows Friday.", "How does one greet a friend?", "Can you say what music is?",
        "Describe a river in one sentence.", "Is a lemon sweet or sour?", "What would you like to talk about?",
            "In a hospital, who is a nurse?",
        "Name a thing in a kitchen.", "Somebody who is not tall, what is he?", "Do fish live in water?", "What does a baker make?",
        "How many legs has a spider?", "Which season is the hottest?",
    ];
}
