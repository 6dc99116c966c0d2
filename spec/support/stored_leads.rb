# frozen_string_literal: true

# Leads of a {RandomOrg} that became contacts, and users for whom the app has stored one, each at random.
class StoredLeads
  # @param world [IncrementalWorld]
  def initialize(world, random)
    @world = world
    @random = random
  end

  # Has some leads become contacts, of which users have addresses.
  def convert(records)
    contacts = ids(records.select { |record| record["Email"] }, "003").first(2)
    records.map! do |record|
      next record unless record["Id"].start_with?("00Q")

      became = @random.rand(3).positive? ? one_of(contacts) : nil
      @world.changed(record, ConvertedContactId: became, Status: became ? "Converted" : record["Status"])
    end
  end

  # Has some users have made a lead, some of them the same.
  def store(records)
    leads = ids(records, "00Q")
    User.order(:id).each { |user| user.update_columns(salesforce_lead_id: spelled(one_of(leads))) }
  end

  private

  def one_of(list) = list.sample(random: @random)

  def ids(records, prefix) = records.pluck("Id").grep(/\A#{prefix}/)

  # Spells an id as columns have it, or as none.
  def spelled(id)
    spellings = [id.first(15), " #{id}\u00a0", id.swapcase, " ", "none", @world.salesforce_id("00Q")]
    one_of([nil, nil, nil, id, id, id, *spellings])
  end
end
