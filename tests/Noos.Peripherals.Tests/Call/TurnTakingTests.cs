using CsCheck;
using Noos.Peripherals.Call;

namespace Noos.Peripherals.Tests.Call;

/// <summary>Turn-taking without sound: levels, decisions that come late, and an ear that hears what was said.</summary>
public sealed class TurnTakingTests
{
    const int StepsPerSecond = 20;
    const string Answer = "The tower is three hundred metres high and was built in two years by many people.";

    [Fact]
    public void Question_is_a_message_soon_after_its_end()
    {
        var room = new Room("How high is the tower?");
        room.Run(20, _ => Room.Silence);
        room.Run(30, _ => Room.Speech);
        room.Run(40, _ => Room.Silence);

        var (step, action) = Assert.Single(room.Sent);
        Assert.Equal("How high is the tower?", action.Text);
        // The pause and the lag of the detector: less than 0.8 s behind the last word.
        Assert.InRange(step - 50, 1, 16);
    }

    [Fact]
    public void Pause_of_a_second_inside_a_sentence_ends_no_turn()
    {
        var room = new Room("How high is", "How high is the tower?");
        room.Run(20, _ => Room.Silence);
        room.Run(20, _ => Room.Speech);
        room.Run(16, _ => Room.Silence);
        room.Run(20, _ => Room.Speech);
        room.Run(40, _ => Room.Silence);

        Assert.Equal("How high is the tower?", Assert.Single(room.Sent).Action.Text);
    }

    [Fact]
    public void Words_without_a_full_stop_are_sent_after_a_longer_pause()
    {
        var room = new Room("the tower");
        room.Run(20, _ => Room.Silence);
        room.Run(20, _ => Room.Speech);
        room.Run(60, _ => Room.Silence);

        Assert.InRange(Assert.Single(room.Sent).Step - 40, 18, 30);
    }

    [Fact]
    public void Silence_is_never_a_message()
    {
        var room = new Room("");
        room.Run(600, i => i % 50 < 10 ? Room.Speech : Room.Silence);

        Assert.Empty(room.Sent);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Own_voice_through_a_loudspeaker_is_no_message_in_ten_minutes(int seed)
    {
        var random = new Random(seed);
        var room = new Room { Ear = sounding => Mishear(sounding, random) };
        // Eight seconds of voice, three of silence, at any loudness that a room has.
        for (var i = 0; i < 10 * 60 * StepsPerSecond; i += 11 * StepsPerSecond)
        {
            var level = -45 + (30 * random.NextSingle());
            room.Sound(8 * StepsPerSecond, Answer, () => (level - (6 * random.NextSingle()), 0.4f + (0.6f * random.NextSingle())));
            room.Run(3 * StepsPerSecond, _ => Room.Silence);
        }

        Assert.Empty(room.Sent);
        Assert.Equal(room.Pauses.Count, room.Resumes);
    }

    [Fact]
    public void Who_interrupts_silences_the_voice_within_300_milliseconds_and_is_heard()
    {
        var room = new Room("Wait, what about the stairs?");
        room.Sound(60, Answer, () => (-45, 0.9f));
        var began = room.Turns.Steps;
        room.Sound(30, Answer, () => (-20, 0.95f));
        room.Run(40, _ => Room.Silence);

        Assert.InRange((room.Pauses[0] - began + 1) * 50, 50, 250);
        Assert.Equal("Wait, what about the stairs?", Assert.Single(room.Sent).Action.Text);
        Assert.Equal(0, room.Resumes);
    }

    [Fact]
    public void Door_that_falls_shut_silences_the_voice_for_a_moment()
    {
        var room = new Room("Bang.");
        room.Sound(60, Answer, () => (-45, 0.9f));
        room.Sound(4, Answer, () => (-10, 0.1f));
        room.Run(30, _ => Room.Silence);

        Assert.Empty(room.Sent);
        Assert.Equal((1, 1), (room.Pauses.Count, room.Resumes));
        Assert.Equal(0, room.Asked);
    }

    [Fact]
    public void Words_for_a_turn_that_goes_on_are_dropped()
    {
        var turns = new TurnTaking();
        Assert.Empty(turns.Hear("Nobody asked."));
        for (var i = 0; i < 40; i++)
        {
            Assert.DoesNotContain(turns.Step(-20, 0.9f, null), action => action.Kind != CallActionKind.Transcribe);
        }

        Assert.True(turns.IsPersonSpeaking);
        Assert.Empty(turns.Hear("Too early."));
    }

    [Fact]
    public void Any_sound_pauses_before_it_resumes_and_asks_for_what_is_kept()
    {
        var step = Gen.Select(Gen.Float[-90, 0], Gen.Float[0, 1], Gen.Bool, Gen.Int[0, 5]);
        step.Array[0, 600].Sample(steps =>
        {
            var (turns, isPaused) = (new TurnTaking(), false);
            foreach (var (level, speech, sounds, words) in steps)
            {
                var needed = turns.FirstNeeded;
                var actions = turns.Step(level, speech, sounds && !isPaused ? Answer : null).ToList();
                Check(actions, needed);
                if (words == 0)
                {
                    Check([.. turns.Hear(speech > 0.5 ? "Something else entirely." : "")], turns.FirstNeeded);
                }

                Assert.InRange(turns.FirstNeeded, 0, turns.Steps);
            }

            void Check(List<CallAction> actions, long needed)
            {
                foreach (var action in actions)
                {
                    Assert.Equal(action.Kind == CallActionKind.Send, action.Text.Length > 0);
                    Assert.False(action.Kind == CallActionKind.Pause && isPaused);
                    Assert.False(action.Kind == CallActionKind.Resume && !isPaused);
                    Assert.True(action.Kind != CallActionKind.Transcribe || action.FirstStep >= needed);
                    isPaused = action.Kind switch
                    {
                        CallActionKind.Pause => true,
                        CallActionKind.Resume or CallActionKind.Send => false,
                        _ => isPaused,
                    };
                }
            }
        });
    }

    /// <summary>An echo as an ear hears it: a part of the sentence, one word in six wrong.</summary>
    static string Mishear(string sentence, Random random)
    {
        var words = sentence.Split(' ');
        var first = random.Next(words.Length - 3);
        return string.Join(' ', words.Skip(first).Take(3 + random.Next(words.Length)).Select((word, i) => i % 6 == 5 ? "flower" : word));
    }

    /// <summary>A room with a loudspeaker that obeys, a detector that is late and an ear that takes 0.2 s.</summary>
    sealed class Room
    {
        const int EarSteps = 4;

        readonly Queue<float> _late = new(Enumerable.Repeat(0f, TurnTaking.DetectorLag));
        readonly Queue<string> _texts;
        long _hearsAt = -1;
        bool _isPaused;
        string _last = "";

        public Room(params string[] texts) => _texts = new Queue<string>(texts);

        public static (float Level, float Speech) Silence => (-70, 0.02f);

        public static (float Level, float Speech) Speech => (-25, 0.95f);

        public Func<string, string>? Ear { get; init; }

        public TurnTaking Turns { get; } = new();

        public List<(long Step, CallAction Action)> Sent { get; } = [];

        public List<long> Pauses { get; } = [];

        public int Resumes { get; private set; }

        public int Asked { get; private set; }

        public void Run(int steps, Func<int, (float Level, float Speech)> sound)
        {
            for (var i = 0; i < steps; i++)
            {
                var (level, speech) = sound(i);
                Step(level, speech, null);
            }
        }

        /// <summary>The loudspeaker says a sentence; while it is paused, the room has what a person says.</summary>
        public void Sound(int steps, string sentence, Func<(float Level, float Speech)> sound)
        {
            for (var i = 0; i < steps; i++)
            {
                var (level, speech) = sound();
                var isSilent = _isPaused && Ear is not null;
                Step(isSilent ? Silence.Level : level, isSilent ? Silence.Speech : speech, _isPaused ? null : sentence);
            }
        }

        void Step(float level, float speech, string? sounding)
        {
            _last = sounding ?? _last;
            _late.Enqueue(speech);
            Do(Turns.Step(level, _late.Dequeue(), sounding));
            if (Turns.Steps == _hearsAt)
            {
                Do(Turns.Hear(Ear?.Invoke(_last) ?? (_texts.Count > 1 ? _texts.Dequeue() : _texts.Peek())));
            }
        }

        void Do(IReadOnlyList<CallAction> actions)
        {
            foreach (var action in actions)
            {
                switch (action.Kind)
                {
                    case CallActionKind.Pause:
                        _isPaused = true;
                        Pauses.Add(Turns.Steps - 1);
                        break;
                    case CallActionKind.Resume:
                        _isPaused = false;
                        Resumes++;
                        break;
                    case CallActionKind.Transcribe:
                        _hearsAt = Turns.Steps + EarSteps;
                        Asked++;
                        break;
                    default:
                        _isPaused = true;
                        Sent.Add((Turns.Steps - 1, action));
                        break;
                }
            }
        }
    }
}
