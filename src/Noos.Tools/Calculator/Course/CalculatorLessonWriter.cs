using Noos.Core.Conversations;
using Noos.Courses.Lessons;

namespace Noos.Tools.Calculator.Course;

/// <summary>Writes one lesson after the other.</summary>
sealed class CalculatorLessonWriter(Draw draw)
{
    const int MaxFollowedLength = 8;
    readonly ProblemMaker _maker = new(draw, LessonWordings.Names, LessonWordings.Things);

    public Conversation Next()
    {
        var messages = new List<Message>();
        if (draw.Chance(0.04))
        {
            Say(messages, draw.Pick(CallFreeWordings.Greetings), draw.Pick(CallFreeWordings.GreetingReplies));
        }

        var kind = draw.Index(0, 99);
        if (kind < 7)
        {
            WriteCallFree(messages);
        }
        else if (kind < 9)
        {
            WriteRefusal(messages);
        }
        else
        {
            WriteProblem(messages, kind);
        }

        if (draw.Chance(0.04))
        {
            Say(messages, draw.Pick(CallFreeWordings.Thanks), draw.Pick(CallFreeWordings.ThanksReplies));
        }

        return new Conversation(messages);
    }

    static void Say(List<Message> messages, string user, string assistant)
    {
        messages.Add(Message.User(user));
        messages.Add(Message.Assistant(assistant));
    }

    void WriteCallFree(List<Message> messages)
    {
        var (question, answer) = draw.Pick(CallFreeWordings.Talk);
        var number = draw.Digits(draw.Index(1, 3)).ToString();
        var year = draw.Number(1900, 2030).ToString();
        string Complete(string text) => text.Replace("{a}", number).Replace("{y}", year);
        Say(messages, Noise(Complete(question)), Complete(answer));
    }

    void WriteRefusal(List<Message> messages)
    {
        var template = draw.Pick(LessonWordings.Refused);
        var number = template.Shape == Shape.Small ? draw.Number(2, 20) : draw.Digits(draw.Index(1, 4));
        var value = number.ToString();
        messages.Add(Message.User(Noise(template.Question.Replace("{a}", value))));
        AddCall(messages, template.Expression.Replace("{a}", value));
        messages.Add(Message.Assistant(template.Sentence!));
    }

    void WriteProblem(List<Message> messages, int kind)
    {
        var problem = MakeProblem(kind);
        messages.Add(Message.User(problem.Question));
        var result = Answer(messages, problem);
        while (draw.Chance(0.13) && result.Length <= MaxFollowedLength && result.All(char.IsAsciiDigit))
        {
            var template = draw.Pick(LessonWordings.FollowUps);
            var digits = template.Shape == Shape.Times ? 1 : Math.Min(3, result.Length);
            var next = _maker.Fill(template with { Expression = template.Expression.Replace("R", result) }, digits, Style());
            messages.Add(Message.User(Noise(next.Question)));
            result = Answer(messages, next);
        }
    }

    Problem MakeProblem(int kind)
    {
        var digits = draw.Pick(2, 2, 3, 3, 3, 4, 4, 5, 6);
        var style = Style();
        return kind switch
        {
            < 26 => Framed(_maker.Chain(Operations(), Math.Min(digits, 5), NumberStyle.Digits, symbols: true)),
            < 45 => Framed(_maker.Chain(Operations(), digits, style, symbols: false)),
            < 49 => Framed(_maker.Fill(draw.Pick(Phrases.One), digits, style)),
            < 53 => Framed(_maker.Fill(draw.Pick(Phrases.Two), Math.Min(4, digits), style)),
            < 58 => Framed(_maker.Fill(draw.Pick(Phrases.Percent), Math.Min(5, digits), style)),
            < 61 => Framed(_maker.Fill(draw.Pick(Phrases.Other), Math.Min(3, digits), style)),
            < 69 => Whole(_maker.Fill(RateParts.Compose(draw), Math.Min(4, digits), DigitsMostly())),
            < 79 => Whole(_maker.Fill(draw.Pick(MeasureWordings.All), Math.Min(4, digits), DigitsMostly())),
            < 84 => Whole(Asked(_maker.Fill(draw.Pick(LessonWordings.Commands), Math.Min(4, digits), style))),
            _ => Whole(_maker.Fill(draw.Chance(0.7) ? StoryParts.Compose(draw) : draw.Pick(LessonWordings.Stories), Math.Min(4, digits), DigitsMostly(),
                wholeResult: draw.Chance(0.9))),
        };
    }

    int Operations() => draw.Pick(1, 2, 2, 3, 3);

    NumberStyle DigitsMostly() => draw.Chance(0.25) ? NumberStyle.Words : NumberStyle.Digits;

    NumberStyle Style() => draw.Index(0, 99) switch
    {
        < 40 => NumberStyle.Words,
        < 50 => NumberStyle.Commas,
        _ => NumberStyle.Digits,
    };

    /// <summary>Now and then a command is put as a request.</summary>
    Problem Asked(Problem problem)
    {
        var command = problem.Question;
        if (command[^1] != '.' || !draw.Chance(0.4))
        {
            return problem;
        }

        var (lead, end) = draw.Pick(LessonWordings.Requests);
        return problem with { Question = lead + char.ToLowerInvariant(command[0]) + command[1..^1] + end };
    }

    Problem Framed(Problem problem)
    {
        var text = draw.Pick(LessonWordings.Frames).Replace("{q}", problem.Question);
        return Whole(problem with { Question = text });
    }

    Problem Whole(Problem problem)
    {
        var text = Sentences.Capitalize(problem.Question);
        if (draw.Chance(0.12))
        {
            text = draw.Pick(LessonWordings.Openings) + text;
        }

        if (draw.Chance(0.06))
        {
            text += draw.Pick(LessonWordings.Closings);
        }

        return problem with { Question = Noise(text) };
    }

    string Answer(List<Message> messages, Problem problem)
    {
        var result = AddCall(messages, problem.Expression);
        var sentence = problem.Sentence is not null && draw.Chance(0.7) ? problem.Sentence : draw.Pick(LessonWordings.Answers);
        messages.Add(Message.Assistant(Sentences.Capitalize(sentence.Replace("{e}", problem.Expression).Replace("{r}", result))));
        return result;
    }

    static string AddCall(List<Message> messages, string expression)
    {
        messages.Add(Message.Assistant(CalculatorTool.CreateCall(expression)));
        var result = CalculatorTool.CreateResult(expression);
        messages.Add(Message.Tool(result));
        return result.Text;
    }

    string Noise(string text) => Typing.Careless(draw, text);
}
