# frozen_string_literal: true

# A world in which the sync has nothing to do, and remembers how it looked.
module LinkedTeachers
  # Has so many users linked to contacts that say what the users say already.
  # @return [Array<Hash>] the contacts
  def linked_teachers(size)
    contacts = Array.new(size) { |n| contact("teacher#{n}@b.edu", faculty: "Confirmed") }
    create_users(size) do |n|
      { email: "teacher#{n}@b.edu", salesforce_contact_id: contacts[n]["Id"], faculty_status: :confirmed_faculty }
    end
    salesforce_has(*contacts)
    sync(allow: { clear: size })
    contacts
  end
end
