# frozen_string_literal: true

# Makes up people, places and records. A class that includes it has a @random.
module MadeUp
  FIRST = %w[Ada Amara Ana Anil Aoife Carla Chen Dana Diego Elif Emeka Farid Femi Grace Hana Ines Ivan Jamal Jun Kaya
             Kofi Lars Leila Lucia Mei Milan Nadia Noor Olga Omar Paula Priya Rosa Samir Sofia Uma Vera Yuki].freeze
  LAST = %w[Abbott Achebe Almeida Banerjee Bauer Castillo Cohen Dubois Eriksen Farouk Fischer Garcia Haddad Ito Jansen
            Kapoor Kim Kowalski Lindqvist Lopez Marino Mbeki Meyer Nguyen Novak Okafor Park Petrov Quinn Rossi Sato
            Silva Tanaka Tran Vargas Walsh Weber Yilmaz Zhang].freeze
  PLACES = %w[Ashford Birchwood Clearwater Dunmore Eastvale Fairview Granite Harbor Ironwood Juniper Kingsley Lakeside
              Maple Northfield Oakridge Pinecrest Quarry Riverside Stonebrook Westport].freeze

  private

  def chance(share)
    @random.rand < share
  end

  # A Salesforce id of 18 characters: 15, and three that say which of them are capitals.
  def id(prefix, number)
    short = "#{prefix}4C00000#{number.to_s(36).upcase.rjust(5, "0")}"
    capitals = short.scan(/.{5}/).map { |five| five.reverse.tr("0-9a-z", "0").tr("A-Z", "1").to_i(2) }
    short + capitals.map { |bits| [*"A".."Z", *"0".."5"][bits] }.join
  end
end
