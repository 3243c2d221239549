namespace Noos.Tools.Lessons.Schemas;

/// <summary>A value that a request names and a call takes over.</summary>
/// <param name="Slot">How requests and results name it.</param>
/// <param name="Names">What the parameter may be called.</param>
/// <param name="Kind">What it looks like: word, name, number, time, date, code, text, or the choices themselves, separated by |.</param>
sealed record InventedParameter(string Slot, IReadOnlyList<string> Names, string Kind)
{
    public bool IsNumber => Kind == "number";
}

/// <summary>
/// What an invented tool is for. The last parameters may be left out where a request has only the others.
/// </summary>
/// <param name="Names">Names that say what it does; as often it gets one that says nothing.</param>
/// <param name="Descriptions">What it does.</param>
/// <param name="Parameters">In the order of the schema.</param>
/// <param name="Requests">With the slots of the parameters.</param>
/// <param name="Results">With the slots and {number}, {word}, {time} for what nobody can know.</param>
sealed record InventedPurpose(
    IReadOnlyList<string> Names, IReadOnlyList<string> Descriptions, IReadOnlyList<InventedParameter> Parameters,
    IReadOnlyList<string> Requests, IReadOnlyList<string> Results)
{
    static readonly InventedParameter s_city = new("{city}", ["city", "place", "town", "location"], "name");
    static readonly InventedParameter s_person = new("{person}", ["person", "name", "to", "contact", "recipient"], "name");
    static readonly InventedParameter s_room = new("{room}", ["room", "where", "area"],
        "kitchen|bedroom|hall|office|garage|bathroom|cellar");
    static readonly InventedParameter s_time = new("{time}", ["time", "at", "when"], "time");
    static readonly InventedParameter s_date = new("{date}", ["date", "day", "on"], "date");
    static readonly InventedParameter s_code = new("{code}", ["code", "number", "id", "reference"], "code");
    static readonly InventedParameter s_count = new("{count}", ["count", "people", "amount", "how_many"], "number");
    static readonly InventedParameter s_text = new("{text}", ["text", "message", "words", "content"], "text");

    public static IReadOnlyList<InventedPurpose> Lessons { get; } =
    [
        new(["get_weather", "weather", "forecast", "weather_report"], ["Tells the weather of a place.", "Weather report for a place."],
            [s_city],
            ["What is the weather like in {city}?", "Is it raining in {city}?", "Weather in {city}, please.",
                "How is the weather in {city} today?"],
            ["{number} degrees, windy", "rain all day", "sunny, {number} degrees", "snow until {time}"]),
        new(["find_ride", "book_taxi", "order_cab"], ["Orders a taxi.", "Books a ride to a place."], [s_city, s_time],
            ["I need a taxi to {city} at {time}.", "Get me a ride to {city} at {time}.", "A cab to {city} at {time}, please."],
            ["taxi {number} comes at {time}", "no taxi is free", "{word} drives you"]),
        new(["reserve_table", "book_restaurant", "table"], ["Reserves a table at a restaurant.", "Books a restaurant."],
            [new("{place}", ["restaurant", "place", "venue"], "name"), s_count, s_time],
            ["Book a table for {count} at {place} at {time}.", "I want to eat at {place} at {time} with {count} people.",
                "Reserve {count} seats at {place} for {time}."],
            ["table {number} is yours", "full at that time", "confirmed, code {word}"]),
        new(["play_music", "music", "start_song"], ["Plays music.", "Starts a song."],
            [new("{song}", ["song", "title", "track"], "name")],
            ["Play {song}.", "I want to hear {song}.", "Put on the song {song}.", "Start {song}, please."],
            ["now playing", "not in your collection", "playing, {number} seconds long"]),
        new(["set_light", "lights", "lamp_control"], ["Sets the light of a room, 0 to 100.", "Dims the lamps."],
            [s_room, new("{level}", ["level", "brightness", "percent"], "number")],
            ["Set the light in the {room} to {level}.", "Dim the {room} to {level} percent.",
                "{level} percent light in the {room}, please."],
            ["done", "the lamp does not answer", "set to {number}"]),
        new(["send_message", "text_contact", "write_to"], ["Sends a message to somebody.", "Writes to a contact."], [s_person, s_text],
            ["Tell {person}: {text}", "Send {person} this: {text}", "Write to {person}: {text}"],
            ["sent", "no such contact", "delivered at {time}"]),
        new(["get_price", "price_of", "shop_price"], ["Tells what something costs in the shop.", "Price of an article."],
            [new("{item}", ["item", "article", "product"], "word")],
            ["What does a {item} cost?", "How much is the {item}?", "Price of a {item}?", "Tell me the price of the {item}."],
            ["{number} dollars", "sold out", "{number} euros with tax"]),
        new(["set_heating", "thermostat", "warm_room"], ["Sets the temperature of a room.", "Controls the heating."],
            [s_room, new("{degrees}", ["degrees", "temperature", "target"], "number")],
            ["Heat the {room} to {degrees} degrees.", "Make the {room} {degrees} degrees warm.", "I want {degrees} degrees in the {room}."],
            ["heating to {number}", "the window is open", "done at {time}"]),
        new(["flight_status", "flight", "track_flight"], ["Tells whether a flight is on time.", "State of a flight."], [s_code],
            ["Is flight {code} on time?", "What about flight {code}?", "When does {code} land?", "Status of flight {code}?"],
            ["late by {number} minutes", "lands at {time}", "gate {word}"]),
        new(["add_to_list", "list_add", "note_item"], ["Puts something on a list.", "Adds an entry to a list."],
            [new("{item}", ["item", "entry", "thing"], "word"), new("{list}", ["list", "list_name"],
                "shopping|packing|birthday|garden|school")],
            ["Put {item} on my {list} list.", "Add {item} to the {list} list.", "{item} must go on the {list} list."],
            ["added as number {number}", "is on it already", "the list has {number} entries"]),
        new(["track_parcel", "parcel", "where_is_parcel"], ["Finds a parcel.", "Says where a delivery is."], [s_code],
            ["Where is my parcel {code}?", "Track {code}.", "When does the parcel {code} come?", "Find delivery {code}."],
            ["in {word}", "comes at {time}", "not known"]),
        new(["start_timer", "timer", "countdown"], ["Starts a timer.", "Counts down minutes."],
            [new("{minutes}", ["minutes", "duration", "length"], "number")],
            ["Set a timer for {minutes} minutes.", "Wake me in {minutes} minutes.", "Count down {minutes} minutes."],
            ["rings at {time}", "started", "timer {number} runs"]),
        new(["hotel_search", "find_room", "book_hotel"], ["Finds a hotel room.", "Books a room for a night."], [s_city, s_date],
            ["I need a hotel in {city} on {date}.", "Find a room in {city} for {date}.", "Book a night in {city} on {date}."],
            ["hotel {word}, {number} dollars", "nothing free", "room {number}"]),
        new(["meeting", "add_event", "calendar_entry"], ["Writes an appointment into the calendar.", "Plans a meeting."],
            [s_person, s_date, s_time],
            ["Plan a meeting with {person} on {date} at {time}.", "I meet {person} on {date} at {time}, write that down.",
                "Put {person} in my calendar: {date}, {time}."],
            ["saved", "you are busy then", "saved as {word}"]),
        new(["exchange", "currency_rate", "swap_money"], ["Changes money into another currency.", "Exchange rate."],
            [new("{sum}", ["sum", "money", "amount"], "number"), new("{currency}", ["currency", "into", "target"],
                "yen|rupees|pesos|francs|crowns|pounds")],
            ["How many {currency} do I get for {sum} dollars?", "Change {sum} dollars into {currency}.", "{sum} dollars in {currency}?"],
            ["{number}", "{number} today", "no rate today"]),
    ];

    public static IReadOnlyList<InventedPurpose> Examination { get; } =
    [
        new(["next_bus", "bus_times"], ["Says when the next bus of a line leaves a stop."],
            [new("{stop}", ["stop", "station"], "name"), new("{line}", ["line", "bus"], "number")],
            ["When does bus {line} leave {stop}?", "I stand at {stop} and wait for the {line}. When is it here?"], ["in {number} minutes"]),
        new(["pharmacy_stock", "medicine_check"], ["Says whether a pharmacy has a medicine."],
            [new("{medicine}", ["medicine", "drug"], "word")],
            ["Does the pharmacy have {medicine}?", "The doctor gave me {medicine}. Can I get it?"], ["{number} packs"]),
        new(["extend_loan", "library_loan"], ["Keeps a book of the library for more days."],
            [new("{book}", ["book", "title"], "name"), new("{days}", ["days", "extra_days"], "number")],
            ["I need {book} from the library for {days} more days.", "May I keep {book} {days} days longer?"], ["until {time}"]),
        new(["pay_parking", "parking_ticket"], ["Pays for parking a car."],
            [new("{plate}", ["plate", "car"], "code"), new("{hours}", ["hours", "duration"], "number")],
            ["My car {plate} stays {hours} hours, pay for it.", "Parking for {plate}, {hours} hours."], ["paid"]),
        new(["water_plant", "watering"], ["Waters a plant in the greenhouse."],
            [new("{plant}", ["plant", "pot"], "word"), new("{litres}", ["litres", "water"], "number")],
            ["Give the {plant} {litres} litres.", "The {plant} is dry, it wants {litres} litres of water."], ["done"]),
        new(["cinema_seats", "film_booking"], ["Books seats for a film."],
            [new("{film}", ["film", "movie"], "name"), new("{seats}", ["seats", "tickets"], "number")],
            ["{seats} seats for the film {film}.", "We are {seats} and want to see {film}."], ["row {number}"]),
    ];
}
