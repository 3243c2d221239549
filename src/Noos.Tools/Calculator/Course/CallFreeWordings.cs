namespace Noos.Tools.Calculator.Course;

/// <summary>Talk with numbers in it that asks for no calculation, and the small courtesies around a calculation.</summary>
static class CallFreeWordings
{
    public static IReadOnlyList<string> Greetings { get; } =
        ["Hi", "Hi!", "Hello", "Hello!", "Hey", "Good morning!", "Good evening", "Hi there", "Hello Noos", "Hi Noos!", "Can you help me?", "Are you there?"];

    public static IReadOnlyList<string> GreetingReplies { get; } =
        ["Hello! How can I help you?", "Hi! What can I do for you?", "Hello! What would you like to know?", "Hi! I am here to help."];

    public static IReadOnlyList<string> Thanks { get; } =
        ["Thanks!", "Thank you.", "Thank you very much!", "Great, thanks.", "Thanks a lot", "Cool, thank you", "ok thanks", "Perfect, thank you!"];

    public static IReadOnlyList<string> ThanksReplies { get; } =
        ["You are welcome!", "You are welcome. Ask me again any time.", "My pleasure!", "Glad to help!", "No problem. Do you have another question?"];

    /// <summary>{a} is a number, {y} a year.</summary>
    public static IReadOnlyList<(string Question, string Answer)> Talk { get; } =
    [
        ("I am {a} years old.", "That is a good age! What do you like to do?"),
        ("I'm {a} years old", "Nice! Thank you for telling me. What do you enjoy most?"),
        ("My brother is {a} years old.", "How nice! Do you get along well with him?"),
        ("My grandmother is {a}.", "That is wonderful. She must have many stories to tell."),
        ("I was born in {y}.", "Thank you for telling me. Where did you grow up?"),
        ("I have {a} cats.", "How lovely! What are their names?"),
        ("I have {a} dogs at home.", "That sounds like a lot of fun. Do they play together?"),
        ("We are {a} people in my class.", "That is a nice class. Do you have many friends there?"),
        ("I live at number {a}.", "Thank you. Is it a quiet street?"),
        ("My lucky number is {a}.", "I like that number! Why is it your lucky number?"),
        ("I like the number {a}.", "It is a fine number! What do you like about it?"),
        ("See you in {a} minutes!", "See you soon! I will be here."),
        ("I will be back in {a} minutes.", "Take your time. I will be here."),
        ("Give me {a} minutes.", "Of course, take your time."),
        ("I slept {a} hours last night.", "I hope you feel well today."),
        ("I have been waiting for {a} minutes.", "I am sorry that you had to wait. How can I help?"),
        ("I read {a} pages today.", "Well done! Is it a good book?"),
        ("I ran {a} miles this week.", "Well done! Running is good for you."),
        ("It is {a} degrees outside.", "Thank you for telling me. I hope you are comfortable."),
        ("My train leaves at {a}.", "Have a good trip!"),
        ("I got {a} points in the test.", "Thank you for telling me. Are you happy with it?"),
        ("The year was {y}.", "Tell me more. What happened then?"),
        ("I visited Paris in {y}.", "How nice! What did you like most in Paris?"),
        ("We moved here in {y}.", "I hope you like it there."),
        ("My favourite film is from {y}.", "Tell me about it! What happens in it?"),
        ("Our house was built in {y}.", "It must have seen a lot. Do you like living there?"),
        ("Room {a} please", "I am only a language model, so I cannot book a room. I can talk with you or calculate something."),
        ("Call me at {a}.", "I cannot make phone calls. I can talk with you here."),
        ("Count to three.", "One, two, three."),
        ("Count to five.", "One, two, three, four, five."),
        ("Count from one to ten.", "One, two, three, four, five, six, seven, eight, nine, ten."),
        ("Can you count to ten?", "Yes! One, two, three, four, five, six, seven, eight, nine, ten."),
        ("Count down from five.", "Five, four, three, two, one."),
        ("How many days are in a week?", "There are seven days in a week."),
        ("How many months are in a year?", "There are twelve months in a year."),
        ("How many hours are in a day?", "There are twenty-four hours in a day."),
        ("How many minutes are in an hour?", "There are sixty minutes in an hour."),
        ("How many seconds are in a minute?", "There are sixty seconds in a minute."),
        ("How many legs does a spider have?", "A spider has eight legs."),
        ("How many legs does a dog have?", "A dog has four legs."),
        ("How many wheels does a car have?", "A car has four wheels."),
        ("How many fingers are on one hand?", "There are five fingers on one hand."),
        ("How many colours are in a rainbow?", "People usually count seven colours in a rainbow."),
        ("How many letters are in the alphabet?", "The English alphabet has twenty-six letters."),
        ("How many continents are there?", "There are seven continents."),
        ("How many planets are there?", "There are eight planets in our solar system."),
        ("What is the capital of France?", "The capital of France is Paris."),
        ("What is the capital of Italy?", "The capital of Italy is Rome."),
        ("What is the capital of Spain?", "The capital of Spain is Madrid."),
        ("What is the capital of Germany?", "The capital of Germany is Berlin."),
        ("What is a number?", "A number tells us how many of something there are."),
        ("What is addition?", "Addition puts two numbers together to make a bigger one."),
        ("What is subtraction?", "Subtraction takes one number away from another."),
        ("What is multiplication?", "Multiplication adds the same number again and again."),
        ("What is division?", "Division shares a number into equal parts."),
        ("What does percent mean?", "Percent means out of a hundred."),
        ("What is a fraction?", "A fraction is a part of a whole, like a half or a quarter."),
        ("What is zero?", "Zero is the number that means nothing is there."),
        ("Do you like numbers?", "Yes! I have a calculator, so numbers are easy for me."),
        ("Do you like maths?", "Yes, I like it. I use a calculator to be sure of the result."),
        ("Are you good at maths?", "I use a calculator, so I can be exact. Try me!"),
        ("Can you calculate?", "Yes. Give me some numbers and I will use my calculator."),
        ("Can you do sums?", "Yes, I can. Tell me which numbers to use."),
        ("What can you calculate?", "I can add, subtract, multiply, divide, and work with percents and powers."),
        ("Can you help me with my maths homework?", "Of course. What is the first question?"),
        ("I hate maths.", "That is all right. We can do it together, one step at a time."),
        ("Tell me about the number {a}.", "It is a number like many others, but maybe it means something to you."),
        ("I have a question about numbers.", "Go ahead, I am listening."),
        ("Maths is fun!", "I think so too!"),
        ("I bought {a} apples today.", "Good choice! Apples are tasty and good for you."),
        ("There are {a} books on my shelf.", "That is a nice collection. Which one do you like best?"),
        ("I won {a} dollars!", "Congratulations! What will you do with it?"),
        ("I paid {a} dollars for these shoes.", "I hope they are comfortable!"),
        ("My phone number is {a}{y}.", "Thank you, but please be careful with whom you share it."),
        ("Can you remember the number {a}?", "I can remember it while we talk: {a}."),
        ("Repeat after me: {a}.", "{a}."),
        ("Say {a}.", "{a}."),
        ("Write the number {a}.", "{a}."),
    ];
}
