# frozen_string_literal: true

# Ruby asks an object for its text or number while the library walks a list, and the object may do anything to that
# list.
RSpec.describe CrmSync::Native do
  # The list has the hostile object first: by the time that the others are read, it has grown and been thrown away.
  hostile = <<~RUBY
    class Hostile
      def initialize(list, text)
        @list, @text = list, text
      end

      def to_str
        @list.concat(Array.new(100_000) { "more" })
        @list.clear
        GC.start
        Array.new(100_000) { Object.new }
        @text
      end
    end
    # Asked for its text in another encoding, and for its hash.
    class Latin < String
      def initialize(list, text)
        super(text + "\u00e9")
        encode!("ISO-8859-1")
        @hostile = Hostile.new(list, text)
      end

      def encode(*)
        @hostile.to_str
      end
    end
    class Key < Hostile
      def hash
        to_str.hash
      end
    end
    def hostile(*texts)
      list = texts.drop(1)
      list.unshift(Hostile.new(list, texts.first))
    end
    HOST = CrmSync::Host.new(CrmSync::Log.new("spec"))
    ID = "003000000000001AAA"
  RUBY

  {
    "addresses" => 'index = CrmSync::EmailIndex.new.add(1, "a@b.edu", "c@b.edu")
                    list = ["a@b.edu", "c@b.edu"]
                    p [index.match_all(list.unshift(Latin.new(list, "a@b.edu"))).keys, index.match([list]).key]',
    "keys" => 'keys = [2, 3]
               p CrmSync::EmailIndex.new.add_all(keys.unshift(Key.new(keys, "")), %w[a@b.edu c@b.edu d@b.edu])
                                        .match_all(%w[c@b.edu d@b.edu]).keys',
    "kinds" => 'p CrmSync::Native::Comparison.new(hostile("any", "text", "number")).class',
    "ids" => 'p settings.native.retrieve("Contact", hostile(ID, ID), ["Id"], host).map { |row| row["Id"] }',
    "fields" => 'p settings.native.retrieve("Contact", [ID], hostile("Id", "Email"), host).map(&:keys)',
    "pairs" => 'p settings.native.write("Contact", :update, "", [hostile(ID, "{}")], host)',
    "a session" => 'HOST.define_singleton_method(:session) { |_| hostile("T", "http://127.0.0.1:9") }
                    settings.native.limits(HOST) rescue puts $!.class'
  }.each do |what, code|
    it "are copied before they are asked: #{what}" do
      result = native(<<~RUBY)
        #{hostile}
        CrmSync::Testing::Salesforce.start(records: { "Contact" => [{ "Id" => ID, "Email" => "a@b.edu" }] }) do
          settings = CrmSync::Salesforce.settings(:default)
          host = CrmSync::Host.new(CrmSync::Log.new("spec"), settings.sessions)
          #{code}
        end
      RUBY
      expect(result).to be_success, result.stderr
      expect(result.stdout.lines.size).to eq(1)
    end
  end
end
